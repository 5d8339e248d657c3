//! `/api/openapi.json`: what every call is for, takes and answers. A body is described by the very code that reads it; an
//! answer by a line of text that the tests hold against real answers, and the list of calls against the server's own.

mod components;
mod operations;
mod shape;
mod users;

use axum::Json;
use serde_json::{Map, Value, json};

use super::status::VERSION;
use crate::domain::Fields;
use crate::domain::fields::Kind;

/// One way to call the API.
struct Operation {
    method: &'static str,
    /// Below `/api`.
    path: &'static str,
    summary: &'static str,
    /// Name, kind and what it does.
    query: Vec<(&'static str, &'static str, &'static str)>,
    body: Option<Body>,
    answer: Answer,
    status: &'static str,
    /// Also for strangers.
    open: bool,
    /// Breaks a rule by what is there already.
    may_be_refused: bool,
}

enum Body {
    Fields {
        fields: Vec<(&'static str, Kind)>,
        required: &'static [&'static str],
    },
    Table,
    /// An object as in [`shape`], which may be left out.
    Optional(&'static str),
}

enum Answer {
    Json(&'static str),
    /// Something else than JSON, of this media type.
    Bytes(&'static str),
}

impl Operation {
    /// `answer` is a kind of value as in [`shape`].
    fn new(
        method: &'static str,
        path: &'static str,
        summary: &'static str,
        answer: &'static str,
    ) -> Self {
        Self {
            method,
            path,
            summary,
            query: Vec::new(),
            body: None,
            answer: Answer::Json(answer),
            status: "200",
            open: false,
            may_be_refused: false,
        }
    }

    fn open(mut self) -> Self {
        self.open = true;
        self
    }

    /// A rule may forbid it though nothing in the request is wrong.
    fn refusable(mut self) -> Self {
        self.may_be_refused = true;
        self
    }

    /// Answers 201, as the original did it.
    fn created(mut self) -> Self {
        self.status = "201";
        self
    }

    fn bytes(mut self, media_type: &'static str) -> Self {
        self.answer = Answer::Bytes(media_type);
        self
    }

    fn query(mut self, name: &'static str, kind: &'static str, what: &'static str) -> Self {
        self.query.push((name, kind, what));
        self
    }

    /// A list that is read page by page.
    fn paged(self) -> Self {
        self.query("limit", "int", "How many at most: 1 to 500.")
            .query(
                "after",
                "text",
                "Goes on behind this one, as the last object of the page before names it.",
            )
    }

    /// What `read` asks for is the body.
    fn body<T>(
        mut self,
        read: impl FnOnce(&mut Fields) -> T,
        required: &'static [&'static str],
    ) -> Self {
        let mut fields = Fields::default();
        read(&mut fields);
        self.body = Some(Body::Fields {
            fields: fields.asked(),
            required,
        });
        self
    }

    fn optional_body(mut self, fields: &'static str) -> Self {
        self.body = Some(Body::Optional(fields));
        self
    }

    /// A table as the body: CSV, or a list of objects.
    fn table(mut self) -> Self {
        self.body = Some(Body::Table);
        self
    }

    fn described(&self) -> Value {
        let ok = match self.answer {
            Answer::Json(kind) => json!({"application/json": {"schema": shape::schema(kind)}}),
            Answer::Bytes(media) => {
                json!({media: {"schema": {"type": "string", "format": "binary"}}})
            }
        };
        let mut answers = Map::new();
        answers.insert(
            self.status.into(),
            json!({"description": "Done", "content": ok}),
        );
        for status in self.errors() {
            let name = format!("#/components/responses/{status}");
            answers.insert(status.into(), json!({"$ref": name}));
        }
        let mut operation = json!({
            "operationId": self.id(),
            "tags": [tag(self.path)],
            "summary": self.summary,
            "parameters": self.parameters(),
            "responses": answers,
        });
        if let Some(body) = &self.body {
            operation["requestBody"] = body.described();
        }
        if self.open {
            operation["security"] = json!([]);
        }
        operation
    }

    /// `get_peers_id_codecs`
    fn id(&self) -> String {
        let words = self
            .path
            .split(['/', '-'])
            .map(|word| word.trim_matches(['{', '}']));
        let words = words.filter(|word| !word.is_empty());
        std::iter::once(self.method)
            .chain(words)
            .collect::<Vec<_>>()
            .join("_")
    }

    fn errors(&self) -> Vec<&'static str> {
        let mut errors = vec!["500", "503"];
        let takes = self.body.is_some() || !self.query.is_empty() || self.path.contains('{');
        if self.body.is_some() {
            errors.extend(["400", "413"]);
        }
        if self.may_be_refused && self.body.is_none() {
            errors.push("400");
        }
        if matches!(self.body, Some(Body::Optional(_))) {
            errors.push("409");
        }
        if takes {
            errors.push("422");
        }
        if self.path.contains('{') {
            errors.push("404");
        }
        match (self.open, self.body.is_some()) {
            (true, true) => errors.extend(["401", "429"]),
            (true, false) => {}
            (false, _) => errors.extend(["401", "403"]),
        }
        errors
    }

    fn parameters(&self) -> Vec<Value> {
        let in_path = self.path.split('/').filter_map(|part| {
            let name = part.strip_prefix('{')?.strip_suffix('}')?;
            // A call has the id that Asterisk gave it.
            let kind = if name == "id" && !self.path.starts_with("/calls") { "int" } else { "text" };
            Some(json!({"name": name, "in": "path", "required": true, "schema": shape::schema(kind)}))
        });
        let in_query = self.query.iter().map(|(name, kind, what)| {
            json!({"name": name, "in": "query", "required": false, "description": what, "schema": shape::schema(kind)})
        });
        in_path.chain(in_query).collect()
    }
}

impl Body {
    fn described(&self) -> Value {
        let (fields, required) = match self {
            Self::Fields { fields, required } => (fields, required),
            Self::Optional(fields) => {
                let schema = shape::object(fields);
                return json!({"required": false, "content": {"application/json": {"schema": schema}}});
            }
            Self::Table => {
                let rows = json!({"type": "array", "items": {"type": "object"}});
                return json!({"required": true, "content": {
                    "text/csv": {"schema": {"type": "string"}},
                    "application/json": {"schema": rows},
                }});
            }
        };
        let properties: Map<String, Value> = fields
            .iter()
            .map(|(name, kind)| {
                let kind = match kind {
                    Kind::Text => "text?",
                    Kind::Int => "int?",
                    Kind::Flag => "bool?",
                    Kind::Words => "[text]?",
                };
                ((*name).to_owned(), shape::schema(kind))
            })
            .collect();
        let schema = json!({"type": "object", "properties": properties, "required": required});
        json!({"required": true, "content": {"application/json": {"schema": schema}}})
    }
}

/// The resource: `peers`.
fn tag(path: &str) -> &str {
    path.trim_start_matches('/')
        .split('/')
        .next()
        .filter(|word| !word.is_empty())
        .unwrap_or("system")
}

/// The whole description.
fn document() -> Value {
    let mut paths = Map::new();
    for operation in operations::all() {
        let path = paths
            .entry(format!("/api{}", operation.path))
            .or_insert_with(|| json!({}));
        path[operation.method] = operation.described();
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "GonoPBX",
            "version": VERSION,
            "description": "The telephone system as programs use it. Every path may end with a slash. Unknown fields are \
                ignored; on PUT a field that is left out stays as it is. A secret reads as \"********\", except in the \
                answer that sets it, and writing that keeps it. Times are UTC.",
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"api_key": []}],
        "paths": paths,
        "components": components::all(),
    })
}

pub async fn show() -> Json<Value> {
    Json(document())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_that_is_named_is_there() {
        let document = document();
        let text = document.to_string();
        let named = text.split("\"#/components/").skip(1);
        for name in named.map(|rest| rest.split('"').next().unwrap_or_default()) {
            let place = format!("/components/{name}");
            assert!(
                document.pointer(&place).is_some(),
                "{name} is named and not there"
            );
        }
    }
}
