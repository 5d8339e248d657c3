//! As much of HTML as a browser without JavaScript needs: forms, links and text.

/// A form as it stands in a page, with the values it would send.
#[derive(Debug, Clone)]
pub struct Form {
    pub action: String,
    pub method: String,
    pub fields: Vec<Field>,
}

#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    pub kind: Kind,
    pub value: String,
    /// It is sent: a box that is checked, an option that is chosen, or any other field.
    pub on: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Check,
    Radio,
    Option,
    Button,
}

impl Form {
    /// Types into a field, or chooses from a list.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        let mut found = false;
        for field in self.fields.iter_mut().filter(|field| field.name == name) {
            match field.kind {
                Kind::Text => {
                    value.clone_into(&mut field.value);
                    found = true;
                }
                Kind::Radio | Kind::Option | Kind::Button => {
                    field.on = field.value == value;
                    found |= field.on;
                }
                Kind::Check => {}
            }
        }
        assert!(
            found,
            "{name} cannot be {value:?} in the form to {}",
            self.action
        );
        self
    }

    /// Sends a value whatever the form offers: no person can, but a program.
    pub fn force(mut self, name: &str, value: &str) -> Self {
        for field in self.fields.iter_mut().filter(|field| field.name == name) {
            field.on = false;
        }
        self.fields.push(Field {
            name: name.to_owned(),
            kind: Kind::Text,
            value: value.to_owned(),
            on: true,
        });
        self
    }

    pub fn check(mut self, name: &str, on: bool) -> Self {
        let field = self
            .fields
            .iter_mut()
            .find(|field| field.name == name && field.kind == Kind::Check);
        field
            .unwrap_or_else(|| panic!("no check box {name} in the form to {}", self.action))
            .on = on;
        self
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        let field = self
            .fields
            .iter()
            .find(|field| field.name == name && field.on);
        field.map(|field| field.value.as_str())
    }

    pub fn pairs(&self) -> Vec<(&str, &str)> {
        self.fields
            .iter()
            .filter(|field| field.on)
            .map(|field| (field.name.as_str(), field.value.as_str()))
            .collect()
    }
}

/// Every form of a page.
pub fn forms(page: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut open = false;
    let mut select: Option<(String, usize)> = None;
    for tag in tags(page) {
        let name = || tag.attribute("name").unwrap_or_default();
        let value = || tag.attribute("value").unwrap_or_default();
        match tag.name.as_str() {
            "form" => {
                open = true;
                forms.push(Form {
                    action: tag.attribute("action").unwrap_or_default(),
                    method: tag.attribute("method").unwrap_or_else(|| "get".into()),
                    fields: Vec::new(),
                });
            }
            "/form" => open = false,
            _ if !open => {}
            "select" => select = Some((name(), forms.last().map_or(0, |form| form.fields.len()))),
            "/select" => {
                if let (Some((_, first)), Some(form)) = (select.take(), forms.last_mut())
                    && form.fields[first..].iter().all(|option| !option.on)
                    && let Some(option) = form.fields.get_mut(first)
                {
                    option.on = true;
                }
            }
            "option" | "input" | "button" => {
                let kind = match (tag.name.as_str(), tag.attribute("type").as_deref()) {
                    ("option", _) => Kind::Option,
                    ("button", _) | (_, Some("submit")) => Kind::Button,
                    (_, Some("checkbox")) => Kind::Check,
                    (_, Some("radio")) => Kind::Radio,
                    _ => Kind::Text,
                };
                let named = if kind == Kind::Option {
                    select
                        .as_ref()
                        .map(|(name, _)| name.clone())
                        .unwrap_or_default()
                } else {
                    name()
                };
                let field = Field {
                    kind,
                    value: if kind == Kind::Check && tag.attribute("value").is_none() {
                        "on".into()
                    } else {
                        value()
                    },
                    on: match kind {
                        Kind::Text => true,
                        Kind::Check | Kind::Radio => tag.attribute("checked").is_some(),
                        Kind::Option => tag.attribute("selected").is_some(),
                        Kind::Button => false,
                    },
                    name: named,
                };
                if let Some(form) = forms.last_mut().filter(|_| !field.name.is_empty()) {
                    form.fields.push(field);
                }
            }
            _ => {}
        }
    }
    forms
}

/// The text of a page as a person reads it, in one line.
pub fn text(page: &str) -> String {
    let mut text = String::with_capacity(page.len() / 2);
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        text.push(' ');
        let end = rest[at..].find('>').map_or(rest.len(), |end| at + end + 1);
        rest = &rest[end..];
    }
    text.push_str(rest);
    let words: Vec<String> = unescape(&text)
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    words.join(" ")
}

/// The values of an attribute, wherever it stands in the page.
pub fn attributes(page: &str, tag_name: &str, name: &str) -> Vec<String> {
    tags(page)
        .into_iter()
        .filter(|tag| tag.name == tag_name)
        .filter_map(|tag| tag.attribute(name))
        .collect()
}

/// What the buttons send that stand elsewhere than their form.
pub fn buttons_of(page: &str, form: &str) -> Vec<String> {
    tags(page)
        .into_iter()
        .filter(|tag| tag.name == "button" && tag.attribute("form").as_deref() == Some(form))
        .filter_map(|tag| tag.attribute("value"))
        .collect()
}

/// What stands between a tag with this id and the next tag.
pub fn text_of(page: &str, id: &str) -> Option<String> {
    let at = page.find(&format!("id=\"{id}\""))?;
    let inner = &page[at + page[at..].find('>')? + 1..];
    Some(unescape(&inner[..inner.find('<')?]))
}

struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    fn attribute(&self, name: &str) -> Option<String> {
        let found = self.attributes.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| unescape(value))
    }
}

fn tags(page: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let end = rest
            .find(|c: char| c.is_whitespace() || c == '>')
            .unwrap_or(rest.len());
        let name = rest[..end].to_ascii_lowercase();
        let mut attributes = Vec::new();
        rest = &rest[end..];
        loop {
            rest = rest.trim_start();
            if rest.is_empty() || rest.starts_with('>') {
                break;
            }
            let end = rest
                .find(|c: char| c.is_whitespace() || c == '=' || c == '>')
                .unwrap_or(rest.len());
            let attribute = rest[..end].to_ascii_lowercase();
            rest = &rest[end..];
            let mut value = String::new();
            if let Some(quoted) = rest.strip_prefix("=\"") {
                let end = quoted.find('"').unwrap_or(quoted.len());
                quoted[..end].clone_into(&mut value);
                rest = quoted.get(end + 1..).unwrap_or_default();
            }
            attributes.push((attribute, value));
        }
        tags.push(Tag { name, attributes });
    }
    tags
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}
