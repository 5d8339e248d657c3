//! A recording as an answer: whole, or the part a player asks for, so that it can seek.

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// First and last byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Whole,
    Part(usize, usize),
    Nothing,
}

/// One range of bytes. Several, or another unit, are answered with the whole, as RFC 9110 allows.
fn wanted(headers: &HeaderMap, length: usize) -> Wanted {
    let range = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.trim().strip_prefix("bytes="))
        .filter(|range| !range.contains(','))
        .and_then(|range| range.trim().split_once('-'));
    let Some((first, last)) = range else {
        return Wanted::Whole;
    };
    let number = |text: &str| text.trim().parse::<usize>();
    match (first.trim().is_empty(), last.trim().is_empty()) {
        (true, false) => match number(last) {
            Ok(0) => Wanted::Nothing,
            Ok(_) if length == 0 => Wanted::Nothing,
            Ok(tail) => Wanted::Part(length.saturating_sub(tail), length - 1),
            Err(_) => Wanted::Whole,
        },
        (false, open) => {
            let last = if open { Ok(usize::MAX) } else { number(last) };
            match (number(first), last) {
                (Ok(first), Ok(last)) if first > last => Wanted::Whole,
                (Ok(first), Ok(_)) if first >= length => Wanted::Nothing,
                (Ok(first), Ok(last)) => Wanted::Part(first, last.min(length - 1)),
                _ => Wanted::Whole,
            }
        }
        (true, true) => Wanted::Whole,
    }
}

/// `disposition` is `inline` or `attachment`.
pub fn answer(parts: &Parts, id: i64, sound: Vec<u8>, disposition: &str) -> Response {
    let length = sound.len();
    let (status, body, range) = match wanted(&parts.headers, length) {
        Wanted::Whole => (StatusCode::OK, sound, None),
        Wanted::Part(first, last) => (
            StatusCode::PARTIAL_CONTENT,
            sound[first..=last].to_vec(),
            Some(format!("bytes {first}-{last}/{length}")),
        ),
        Wanted::Nothing => (
            StatusCode::RANGE_NOT_SATISFIABLE,
            Vec::new(),
            Some(format!("bytes */{length}")),
        ),
    };
    let mut response = (status, Body::from(body)).into_response();
    let headers = response.headers_mut();
    let mut set = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, "audio/wav");
    set(header::ACCEPT_RANGES, "bytes");
    // Compressed, its bytes would not be those that a range counts.
    set(header::CONTENT_ENCODING, "identity");
    set(header::CACHE_CONTROL, "private, no-store");
    set(
        header::CONTENT_DISPOSITION,
        &format!("{disposition}; filename=\"voicemail_{id}.wav\""),
    );
    if let Some(range) = range {
        set(header::CONTENT_RANGE, &range);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_what_rfc_9110_says() {
        for (range, expected) in [
            ("bytes=0-0", Wanted::Part(0, 0)),
            ("bytes=0-", Wanted::Part(0, 99)),
            ("bytes=90-200", Wanted::Part(90, 99)),
            ("bytes=-10", Wanted::Part(90, 99)),
            ("bytes=-1000", Wanted::Part(0, 99)),
            ("bytes=100-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=5-4", Wanted::Whole),
            ("bytes=0-1,5-6", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("items=0-1", Wanted::Whole),
            ("", Wanted::Whole),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, HeaderValue::from_static(range));
            assert_eq!(wanted(&headers, 100), expected, "{range}");
        }
        assert_eq!(wanted(&HeaderMap::new(), 100), Wanted::Whole);
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_static("bytes=0-"));
        assert_eq!(wanted(&headers, 0), Wanted::Nothing);
    }
}
