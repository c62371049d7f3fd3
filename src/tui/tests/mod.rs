//! Tests of the model and its view.
