//! `openapi.json` as a program reads it: finds the operation of a request, and holds an answer against its schema.

use serde_json::Value;

use crate::support::client::Api;

#[derive(Debug)]
pub struct Document(pub Value);

/// One operation of the document.
#[derive(Debug)]
pub struct Operation<'a> {
    pub method: String,
    /// As it is described: `/api/peers/{id}`.
    pub path: String,
    pub value: &'a Value,
}

impl Operation<'_> {
    pub fn is_open(&self) -> bool {
        self.value["security"].as_array().is_some_and(Vec::is_empty)
    }

    /// The fields of the body, if it is an object.
    pub fn fields(&self) -> Option<Vec<&String>> {
        let required = self.value["requestBody"]["required"] == true;
        let schema = &self.value["requestBody"]["content"]["application/json"]["schema"];
        schema["properties"]
            .as_object()
            .filter(|_| required)
            .map(|fields| fields.keys().collect())
    }

    pub fn takes(&self, parameter: &str) -> bool {
        let parameters = self.value["parameters"].as_array().into_iter().flatten();
        parameters.into_iter().any(|one| one["name"] == parameter)
    }
}

impl Document {
    pub async fn of(api: &Api) -> Self {
        Self(api.get("/api/openapi.json").await.expect(200))
    }

    pub fn operations(&self) -> Vec<Operation<'_>> {
        let paths = self.0["paths"].as_object().expect("paths");
        let each = paths.iter().flat_map(|(path, methods)| {
            let methods = methods.as_object().expect("methods");
            methods.iter().map(|(method, value)| Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                value,
            })
        });
        each.collect()
    }

    /// The operation of a request. A path that is written out comes before one with a name in it.
    fn operation(&self, method: &str, path: &str) -> Option<Operation<'_>> {
        let path = path
            .split('?')
            .next()
            .unwrap_or_default()
            .trim_end_matches('/');
        let matching = self.operations().into_iter().filter(|operation| {
            let (mut asked, mut known) = (path.split('/'), operation.path.split('/'));
            operation.method == method
                && loop {
                    match (asked.next(), known.next()) {
                        (None, None) => break true,
                        (Some(asked), Some(known)) if asked == known || known.starts_with('{') => {}
                        _ => break false,
                    }
                }
        });
        matching.min_by_key(|operation| operation.path.matches('{').count())
    }

    /// Where an answer is not as it is described.
    pub fn complaints(&self, method: &str, path: &str, status: u16, body: &Value) -> Vec<String> {
        let Some(operation) = self.operation(method, path) else {
            return vec![format!("{method} {path} is not described")];
        };
        let answers = &operation.value["responses"];
        let described = self.resolve(&answers[status.to_string()]);
        if described.is_null() {
            return vec![format!("{method} {path}: {status} is not described")];
        }
        let schema = &described["content"]["application/json"]["schema"];
        let mut complaints = Vec::new();
        if !schema.is_null() {
            self.check(schema, body, "", &mut complaints);
        }
        let named = |complaint: String| format!("{method} {path} {status}: {complaint}");
        complaints.into_iter().map(named).collect()
    }

    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(place) => self
                .0
                .pointer(place.trim_start_matches('#'))
                .expect("what is named is there"),
            None => schema,
        }
    }

    fn check(&self, schema: &Value, value: &Value, place: &str, complaints: &mut Vec<String>) {
        let schema = self.resolve(schema);
        if let Some(choices) = schema["anyOf"].as_array() {
            let fits = |choice: &&Value| {
                let mut wrong = Vec::new();
                self.check(choice, value, place, &mut wrong);
                wrong.is_empty()
            };
            if choices.iter().find(fits).is_none() {
                complaints.push(format!("{place} is {value}"));
            }
            return;
        }
        if let Some(words) = schema["enum"]
            .as_array()
            .filter(|words| !words.contains(value))
        {
            complaints.push(format!("{place} is {value}, none of {words:?}"));
        }
        let kinds: Vec<&str> = match &schema["type"] {
            Value::String(kind) => vec![kind.as_str()],
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            _ => return,
        };
        if !kinds.iter().any(|kind| is_a(kind, value)) {
            complaints.push(format!("{place} is {value}, not {kinds:?}"));
            return;
        }
        let is_time = schema["format"] == "date-time";
        if is_time && value.as_str().is_some_and(|text| !super::is_utc(text)) {
            complaints.push(format!("{place} is {value}, no time in UTC"));
        }
        match value {
            Value::Array(items) => {
                for item in items {
                    self.check(&schema["items"], item, place, complaints);
                }
            }
            Value::Object(fields) => {
                let required = schema["required"].as_array().into_iter().flatten();
                for name in required
                    .filter_map(Value::as_str)
                    .filter(|name| !fields.contains_key(*name))
                {
                    complaints.push(format!("{place}.{name} is not there"));
                }
                for (name, value) in fields {
                    let place = format!("{place}.{name}");
                    match (&schema["properties"][name], &schema["additionalProperties"]) {
                        (Value::Null, Value::Null) => {
                            complaints.push(format!("{place} is not described"));
                        }
                        (Value::Null, any) => self.check(any, value, &place, complaints),
                        (known, _) => self.check(known, value, &place, complaints),
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_a(kind: &str, value: &Value) -> bool {
    match kind {
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("{other} is no type"),
    }
}
