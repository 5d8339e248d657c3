//! Shapes of JSON in one line of text: `id:int name:text? live?:bool legs:[Leg]`. A `?` behind the kind allows null, one
//! behind the name lets the field be absent. Kinds: `int`, `number`, `text`, `time`, `bool`, `any`, `{int}` for an
//! object of whole numbers, `[kind]` for a list, `a|b` for these words, and the name of another shape.

use serde_json::{Map, Value, json};

/// The JSON schema of one kind of value.
pub fn schema(kind: &str) -> Value {
    if let Some(kind) = kind.strip_suffix('?') {
        return nullable(schema(kind));
    }
    if let Some(items) = kind
        .strip_prefix('[')
        .and_then(|kind| kind.strip_suffix(']'))
    {
        return json!({"type": "array", "items": schema(items)});
    }
    if let Some(values) = kind
        .strip_prefix('{')
        .and_then(|kind| kind.strip_suffix('}'))
    {
        return json!({"type": "object", "additionalProperties": schema(values)});
    }
    match kind {
        "int" => json!({"type": "integer", "format": "int64"}),
        "number" => json!({"type": "number"}),
        "text" => json!({"type": "string"}),
        "time" => json!({"type": "string", "format": "date-time"}),
        "bool" => json!({"type": "boolean"}),
        "any" => json!({}),
        words if words.contains('|') => {
            json!({"type": "string", "enum": words.split('|').collect::<Vec<_>>()})
        }
        name => json!({"$ref": format!("#/components/schemas/{name}")}),
    }
}

fn nullable(mut schema: Value) -> Value {
    match schema["type"].as_str() {
        Some(kind) => {
            schema["type"] = json!([kind, "null"]);
            if let Some(words) = schema.get_mut("enum").and_then(Value::as_array_mut) {
                words.push(Value::Null);
            }
            schema
        }
        None => json!({"anyOf": [schema, {"type": "null"}]}),
    }
}

/// The JSON schema of an object.
pub fn object(fields: &str) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in fields.split_whitespace() {
        let (name, kind) = field.split_once(':').unwrap_or((field, "any"));
        let always = name.strip_suffix('?');
        if always.is_none() {
            required.push(name);
        }
        properties.insert(always.unwrap_or(name).to_owned(), schema(kind));
    }
    json!({"type": "object", "properties": properties, "required": required})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_text_is_a_schema() {
        let schema =
            object("id:int name:text? live?:bool legs:[Leg] counts:{int} level:a|b? owner:User?");
        assert_eq!(
            schema,
            json!({
                "type": "object",
                "required": ["id", "name", "legs", "counts", "level", "owner"],
                "properties": {
                    "id": {"type": "integer", "format": "int64"},
                    "name": {"type": ["string", "null"]},
                    "live": {"type": "boolean"},
                    "legs": {"type": "array", "items": {"$ref": "#/components/schemas/Leg"}},
                    "counts": {"type": "object", "additionalProperties": {"type": "integer", "format": "int64"}},
                    "level": {"type": ["string", "null"], "enum": ["a", "b", null]},
                    "owner": {"anyOf": [{"$ref": "#/components/schemas/User"}, {"type": "null"}]},
                },
            })
        );
    }
}
