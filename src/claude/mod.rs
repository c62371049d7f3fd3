//! All that ccmon knows of Claude Code: what its hooks say, what they may be answered, its
//! settings, and the files it leaves on disk. Facts were measured with 2.1.329, 2.1.197 and 2.0.76.

pub mod answer;
pub mod depth;
pub mod hooks;
pub mod installed;
pub mod payload;
pub mod session_file;
pub mod settings;
pub mod summary;
pub mod transcript;
