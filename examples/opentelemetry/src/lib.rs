//! A request that goes through three servers, as the spans that OpenTelemetry exports.

pub mod api;
pub mod boundary;
