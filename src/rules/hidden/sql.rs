//! Queries of databases. What reads and writes files, or runs something, are functions for the most part, and
//! everybody may make more of them: so those that only compute are listed, and any other has to be spelled out.

/// A word that no pattern spells out: what a program does without any word to say so.
const NEVER: (usize, &str) = (usize::MAX >> 1, "\0");

/// Statements, settings and tables that read or write files, run something, or hold passwords.
#[rustfmt::skip]
const PSQL: &[&str] = &[
    "copy", "program", "load", "do", "language", "execute", "prepare", "call", "pg_shadow", "pg_authid", "pg_user_mapping",
    "pg_user_mappings", "passfile", "sslkey", "sslcert", "sslkeylogfile", "servicefile", "sslpassword",
    "pg_hba_file_rules", "pg_file_settings", "pg_largeobject",
];
#[rustfmt::skip]
const MYSQL: &[&str] = &[
    "system", "source", "tee", "pager", "edit", "outfile", "dumpfile", "load", "infile", "execute", "prepare", "call", "do",
    "authentication_string", "global_priv",
];
const SQLITE: &[&str] =
    &["attach", "vacuum", "load_extension", "fts3_tokenizer", "temp_store_directory", "data_store_directory"];

/// Words that a bracket may follow without being a function.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "in", "values", "as", "and", "or", "not", "exists", "any", "all", "some", "over", "using", "on", "where", "from",
    "select", "by", "when", "then", "else", "case", "filter", "group", "join", "lateral", "union", "limit", "distinct",
    "except", "intersect", "offset", "having", "between", "like", "is", "with", "materialized", "analyze", "explain",
    "char", "varchar", "decimal", "numeric", "timestamp", "time", "interval", "vector", "partition", "set", "returning",
];

/// Functions that only compute, or tell what the database is like.
#[rustfmt::skip]
const FUNCTIONS: &[&str] = &[
    "count", "sum", "avg", "min", "max", "total", "coalesce", "ifnull", "nullif", "iif", "if", "greatest", "least",
    "abs", "round", "floor", "ceil", "ceiling", "trunc", "truncate", "mod", "power", "pow", "sqrt", "exp", "ln", "log",
    "log10", "log2", "sign", "random", "rand", "length", "char_length", "character_length", "octet_length", "lower", "upper",
    "trim", "ltrim", "rtrim", "btrim", "substr", "substring", "left", "right", "replace", "reverse", "repeat", "concat",
    "concat_ws", "group_concat", "string_agg", "array_agg", "split_part", "substring_index", "position", "strpos", "instr",
    "locate", "lpad", "rpad", "initcap", "format", "printf", "to_char", "to_date", "to_timestamp", "to_number", "hex",
    "unhex", "md5", "sha1", "sha2", "sha256", "ascii", "chr", "quote", "quote_ident", "quote_literal", "regexp_replace",
    "regexp_matches", "regexp_match", "regexp_like", "regexp_substr", "date", "datetime", "julianday", "strftime",
    "unixepoch", "now", "current_timestamp", "current_date", "date_trunc", "date_part", "extract", "age", "make_date",
    "make_interval", "date_format", "date_add", "date_sub", "datediff", "timestampdiff", "year", "month", "day", "hour",
    "minute", "week", "quarter", "dayofweek", "from_unixtime", "unix_timestamp", "str_to_date", "last_day", "timezone",
    "row_number", "rank", "dense_rank", "lag", "lead", "first_value", "last_value", "ntile", "percent_rank", "cume_dist",
    "percentile_cont", "percentile_disc", "mode", "stddev", "stddev_pop", "stddev_samp", "variance", "var_pop", "var_samp",
    "corr", "median", "bool_and", "bool_or", "every", "bit_and", "bit_or", "unnest", "array_length", "array_to_string",
    "string_to_array", "cardinality", "array_position", "array_remove", "array_append", "array", "row", "generate_series",
    "cast", "convert", "try_cast", "typeof", "pg_typeof", "json", "jsonb", "json_extract", "json_extract_path_text",
    "json_array", "json_object", "json_each", "json_tree", "json_group_array", "json_group_object", "json_valid",
    "json_type", "json_unquote", "json_contains", "json_length", "json_keys", "json_agg", "jsonb_agg", "json_object_agg",
    "jsonb_object_agg", "json_build_object", "jsonb_build_object", "json_build_array", "jsonb_build_array", "json_set",
    "jsonb_set", "jsonb_pretty", "jsonb_array_elements", "jsonb_array_elements_text", "json_array_elements",
    "json_array_elements_text", "json_array_length", "jsonb_array_length", "jsonb_each", "jsonb_each_text",
    "jsonb_object_keys", "json_object_keys", "jsonb_typeof", "json_typeof", "to_json", "to_jsonb", "row_to_json",
    "jsonb_extract_path_text", "jsonb_path_query", "jsonb_path_exists", "to_tsvector", "to_tsquery", "plainto_tsquery",
    "websearch_to_tsquery", "ts_rank", "similarity", "st_asgeojson", "st_astext", "st_distance", "version", "database",
    "user", "current_user", "session_user", "schema", "current_database", "current_schema", "current_schemas",
    "current_setting", "has_table_privilege", "to_regclass", "format_type", "obj_description", "col_description",
    "pg_size_pretty", "pg_relation_size", "pg_total_relation_size", "pg_table_size", "pg_indexes_size",
    "pg_database_size", "pg_column_size", "pg_get_constraintdef", "pg_get_indexdef", "pg_get_viewdef",
    "pg_get_functiondef", "pg_get_expr", "pg_get_serial_sequence", "pg_get_triggerdef", "pg_get_userbyid",
    "pg_encoding_to_char", "pg_backend_pid", "pg_is_in_recovery", "pg_postmaster_start_time", "pg_blocking_pids",
    "pg_table_is_visible", "connection_id", "last_insert_rowid", "changes", "sqlite_version",
    "table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo", "foreign_key_list",
    "foreign_key_check", "integrity_check", "quick_check", "pragma_table_info", "pragma_index_list", "pragma_index_info",
    "pragma_foreign_key_list", "pragma_table_list", "matchinfo", "snippet", "highlight", "bm25", "rowid", "likely", "glob",
];

/// The shell's own commands that only answer.
const DOTS: &[&str] =
    &["tables", "schema", "indexes", "indices", "headers", "header", "mode", "databases", "fullschema"];

/// Marks words of such programs.
pub fn look<'a>(name: &str, args: &[&'a str], push: &mut impl FnMut(usize, &'a str)) {
    match name {
        "sqlite" => sqlite(args, push),
        "psql" => queries(args, &["-c", "--command"], PSQL, push),
        "mysql" | "mariadb" => queries(args, &["-e", "--execute"], MYSQL, push),
        _ => {}
    }
}

/// Whether one of the words of a query is one of these, in any case.
fn says(text: &str, words: &[&str]) -> bool {
    let lower = text.to_lowercase();
    lower.split(|c: char| !is_part(c)).any(|word| words.contains(&word))
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a query calls what is not known to compute only. What stands before a bracket may be hidden behind a
/// comment or in quotes.
fn calls(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.match_indices('(').any(|(at, _)| {
        let before = lower[..at].trim_end();
        let name = &before[before.trim_end_matches(is_part).len()..];
        match before.chars().next_back() {
            None => false,
            Some(c) if is_part(c) => {
                let number = name.bytes().all(|b| b.is_ascii_digit());
                !number && !WORDS.contains(&name) && !FUNCTIONS.contains(&name)
            }
            Some(c) => !"(,=<>+-*%|&;!~@#?:".contains(c) && (c != '/' || before.ends_with("*/")),
        }
    }) || lower.contains('(') && lower.contains('\n') && (lower.contains("--") || lower.contains('#'))
}

fn sqlite<'a>(args: &[&'a str], push: &mut impl FnMut(usize, &'a str)) {
    let operands = args.iter().filter(|word| !word.starts_with('-')).count();
    // Without a statement it takes its commands from the input.
    if operands < 2 && !args.iter().any(|word| word.ends_with("-version")) {
        push(NEVER.0, NEVER.1);
    }
    for (at, word) in args.iter().enumerate().filter(|(_, word)| !word.starts_with('-')) {
        let dotted = |line: &str| {
            line.trim_start().strip_prefix('.').is_some_and(|rest| {
                let name = rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
                !rest.starts_with('/') && !DOTS.contains(&name) || rest.contains('|')
            })
        };
        if says(word, SQLITE) || calls(word) || word.lines().any(dotted) || says(word, &["csv", "zipfile", "vfstrace"])
        {
            push(at, word);
        }
    }
}

/// Options with a value: a word behind one of them is that, whatever it looks like.
const VALUED: &[&str] = &["--dbname", "--host", "--port", "--username", "--user", "--database", "--field-separator"];

/// Queries stand in the command; without any the program takes its commands from the input.
fn queries<'a>(args: &[&'a str], options: &[&str], words: &[&str], push: &mut impl FnMut(usize, &'a str)) {
    let is_value = |at: usize| {
        at.checked_sub(1).and_then(|before| args.get(before)).is_some_and(|before| {
            let short = before.starts_with('-') && !before.starts_with("--");
            VALUED.contains(before) || short && before.ends_with(['d', 'h', 'p', 'U', 'F', 'u', 'P', 'D'])
        })
    };
    let asks = |word: &str| {
        let clustered = word.starts_with('-') && !word.starts_with("--") && word.ends_with(['c', 'e', 'l', 'V']);
        clustered || word == "--version" || options.iter().any(|option| word.starts_with(option))
    };
    if !args.iter().enumerate().any(|(at, word)| asks(word) && !is_value(at)) {
        push(NEVER.0, NEVER.1);
    }
    for (at, word) in args.iter().enumerate() {
        let passwords = word.to_lowercase().contains("mysql.user");
        if word.contains('\\') || passwords || says(word, words) || calls(word) {
            push(at, word);
        }
    }
}
