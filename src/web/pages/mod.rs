//! The pages.

use axum::Router;
use axum::extract::Request;

use super::Site;
use super::failure::Failure;
use crate::app::Error;

pub fn router(_site: &Site) -> Router<Site> {
    Router::new()
}

pub async fn not_found(_request: Request) -> Failure {
    Error::NotFound("path").into()
}
