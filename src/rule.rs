//! Rules: data that says what must hold of a resource and its relations, and the findings that they give.

pub mod finding;
