//! What is dangerous in a request, and why.
