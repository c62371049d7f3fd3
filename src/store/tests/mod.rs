//! The store, tested through its own door; what needs a look inside says so.
