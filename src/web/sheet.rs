//! Calls as a file for a spreadsheet, sent while it is read: any number of them needs the memory of one batch.

use std::fmt::{Debug, Formatter};

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::Site;
use crate::app::Error;
use crate::app::calls::Found;
use crate::domain::call::{Call, Page, Place};

/// Calls that are read at once.
const BATCH: u64 = 1_000;

/// The cells of a call.
pub type Row = Box<dyn Fn(&Call) -> Vec<String> + Send>;

pub struct Sheet {
    pub head: Vec<String>,
    pub separator: char,
    pub row: Row,
}

impl Debug for Sheet {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sheet")
            .field("head", &self.head)
            .finish_non_exhaustive()
    }
}

/// How far the file is.
struct Progress {
    site: Site,
    found: Found,
    sheet: Sheet,
    next: Next,
}

#[derive(Clone, Copy)]
enum Next {
    Head,
    After(Option<Place>),
    End,
}

impl Sheet {
    pub fn answer(self, site: Site, found: Found, name: &str) -> Response {
        let progress = Progress {
            site,
            found,
            sheet: self,
            next: Next::Head,
        };
        let body = Body::from_stream(stream::try_unfold(progress, Progress::step));
        let mut response = body.into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
        );
        let disposition = format!("attachment; filename=\"{name}\"");
        if let Ok(disposition) = HeaderValue::try_from(disposition) {
            headers.insert(header::CONTENT_DISPOSITION, disposition);
        }
        response
    }

    fn line(&self, cells: &[String], text: &mut String) {
        for (n, cell) in cells.iter().enumerate() {
            if n > 0 {
                text.push(self.separator);
            }
            text.push_str(&written(cell, self.separator));
        }
        text.push_str("\r\n");
    }
}

impl Progress {
    /// The next piece. A file that cannot be completed breaks off, so that nobody takes it for complete.
    async fn step(mut self) -> Result<Option<(Bytes, Self)>, Error> {
        let mut text = String::new();
        match self.next {
            Next::End => return Ok(None),
            Next::Head => {
                // Spreadsheets take a file without this mark for one in the letters of the machine.
                text.push('\u{feff}');
                self.sheet.line(&self.sheet.head, &mut text);
                self.next = Next::After(None);
            }
            Next::After(after) => {
                if self.site.stop.is_cancelled() {
                    return Err(Error::internal("the server stops"));
                }
                let page = Page {
                    after,
                    offset: 0,
                    limit: BATCH,
                };
                let calls = self.site.app.found_calls(&self.found, page).await?;
                for call in &calls {
                    self.sheet.line(&(self.sheet.row)(call), &mut text);
                }
                let is_full = u64::try_from(calls.len()).is_ok_and(|read| read == BATCH);
                self.next = match calls.last().filter(|_| is_full) {
                    Some(call) => Next::After(Some(Place {
                        started_at: call.started_at,
                        id: call.id,
                    })),
                    None => Next::End,
                };
            }
        }
        Ok(Some((Bytes::from(text), self)))
    }
}

/// A cell as the format has it. One that a spreadsheet would take for a formula begins with an apostrophe, which makes it
/// text; a number with its plus is none.
fn written(cell: &str, separator: char) -> String {
    let is_formula = cell.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]);
    let is_number = cell
        .strip_prefix('+')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    let cell = if is_formula && !is_number {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if cell.contains(['"', '\n', '\r', separator]) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (cell, file) in [
            ("+494219876", "+494219876"),
            ("+49*1", "'+49*1"),
            ("=1+2", "'=1+2"),
            ("=\"a\",b", "\"'=\"\"a\"\",b\""),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("Löwe, Ada", "\"Löwe, Ada\""),
            ("a\nb", "\"a\nb\""),
            ("", ""),
        ] {
            assert_eq!(written(cell, ','), file, "{cell}");
        }
    }
}
