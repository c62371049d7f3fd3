//! Programs of which the harmless options are listed: any other word with a dash has to be named.
//!
//! A long option counts in full only. Cut short it means the same to the program, and nothing to whoever
//! looks for it.

/// What a program may be told.
struct Known {
    /// Long options in full, without their dashes, with or without a value.
    long: &'static str,
    /// Letters without a value; `*` is any.
    letters: &'static str,
    /// Letters with a value, attached or not.
    valued: &'static str,
    /// Whole words, up to `=`.
    words: &'static str,
}

const fn known(long: &'static str, letters: &'static str, valued: &'static str, words: &'static str) -> Known {
    Known { long, letters, valued, words }
}

#[rustfmt::skip]
const KNOWN: &[(&[&str], Known)] = &[
    (&["unzip"], known("", "", "", "-l -v -t -Z1 -Z -p -c -q -qq -lq -ql -lv")),
    (&["cp", "mv", "ln", "install"], known("archive recursive force interactive no-clobber verbose update \
        target-directory no-target-directory parents preserve dereference no-dereference link symbolic-link backup \
        suffix strip-trailing-slashes attributes-only sparse reflink remove-destination mode owner group directory \
        one-file-system no-preserve symbolic relative logical physical", "*", "", "")),
    (&["rm", "rmdir", "mkdir", "chmod", "chown", "chgrp", "touch", "truncate"], known("recursive force interactive dir \
        verbose preserve-root no-preserve-root one-file-system parents mode reference quiet silent changes dereference \
        no-dereference date time no-create size ignore-fail-on-non-empty from io-blocks", "*", "", "")),
    (&["tar", "gtar", "bsdtar"], known("extract list create file verbose gzip bzip2 xz zstd gunzip exclude directory get \
        strip-components no-same-owner no-same-permissions same-permissions wildcards auto-compress totals append update \
        diff compare keep-old-files numeric-owner sort mtime owner group exclude-vcs version help to-stdout full-time \
        delete overwrite keep-newer-files skip-old-files touch transform show-transformed-names", "*", "", "")),
    (&["date"], known("utc universal date iso-8601 rfc-3339 rfc-email version help", "uRI", "dIr", "")),
    (&["nm"], known("demangle dynamic defined-only extern-only undefined-only size-sort numeric-sort print-size no-sort \
        reverse-sort debug-syms print-file-name line-numbers radix format portability special-syms print-armap no-demangle \
        version help", "aACDgnprSsuUBPljom", "tf", "")),
    (&["gofmt"], known("", "", "", "-l -d -s -e -r")),
    (&["dot", "neato", "fdp"], known("", "V", "TGNEK", "")),
    (&["diffstat"], known("", "bcCdkKlmrtTuVv0123456789", "pwnf", "")),
    (&["scc"], known("by-file wide no-complexity no-cocomo sort include-ext exclude-dir format no-size ci no-duplicates",
        "wcd", "fsi", "")),
    (&["cloc"], known("json csv md yaml quiet by-file by-file-by-lang exclude-dir include-lang exclude-lang exclude-ext \
        hide-rate sum-one progress-rate skip-uniqueness git", "", "", "")),
    (&["actionlint"], known("", "", "", "-version -no-color -oneline -verbose -color -debug -ignore")),
    (&["cppcheck"], known("enable disable std quiet error-exitcode inline-suppr force language platform xml verbose \
        suppress inconclusive check-level max-configs version", "qfv", "jDUI", "")),
    (&["exiftool"], known("", "", "", "-j -json -g -G -a -s -S -n -u -v -ver -T -t -q -fast")),
    (&["xmllint"], known("noout format html recover nonet version huge nowarning noblanks nocdata pretty xpath encode c14n \
        schema", "", "", "-noout -format -html")),
    (&["ansible-inventory"], known("list graph host vars yaml toml version", "yv", "", "")),
    (&["sqlite3", "sqlite"], known("header noheader csv column json line list markdown table box readonly tabs \
        version bail batch", "", "", "-header -noheader -csv -column -json -line -list -markdown -table -box -readonly \
        -tabs -version -bail -batch")),
    (&["psql"], known("command dbname host port username no-align tuples-only no-psqlrc expanded quiet csv no-password \
        field-separator list version", "AtXxqlwV", "cdhpUF", "")),
    (&["mysql", "mariadb"], known("execute user host port database batch skip-column-names table silent raw vertical \
        version", "NBtsrEV", "euhPD", "")),
    (&["jq", "jaq", "gojq"], known("raw-output compact-output null-input slurp ascii-output sort-keys color-output \
        monochrome-output join-output exit-status raw-input arg argjson indent tab args jsonargs stream seq raw-output0 \
        version", "rcnsaSCMjeR", "", "")),
    (&["yq"], known("raw-output prettyPrint null-input output-format input-format no-colors colors no-doc unwrapScalar \
        exit-status indent version yaml-output", "rPnCMNeyjcSV", "opI", "")),
    // The same table for diff3.
    (&["diff"], known("unified brief recursive side-by-side color ignore-all-space ignore-space-change ignore-blank-lines \
        ignore-case new-file text minimal width suppress-common-lines context exclude report-identical-files \
        strip-trailing-cr no-dereference label normal ignore-matching-lines speed-large-files tabsize expand-tabs \
        show-c-function show-all merge easy-only show-overlap", "*", "", "")),
    (&["sdiff"], known("suppress-common-lines ignore-all-space width left-column ignore-case text", "slaibBWE", "wI", "")),
    (&["gpg", "gpg2"], known("list-keys list-public-keys list-secret-keys list-sigs check-sigs fingerprint verify version help \
        with-colons with-fingerprint keyid-format no-tty batch quiet verbose show-keys dry-run status-fd", "kKvqn", "", "")),
    (&["info"], known("", "", "", "--version --help")),
];

/// Marks every option that is not known, of a program that is listed.
pub fn look<'a>(name: &str, args: &[&'a str], push: &mut impl FnMut(usize, &'a str)) {
    let Some((_, known)) = KNOWN.iter().find(|(names, _)| names.contains(&name)) else {
        return;
    };
    for (at, word) in args.iter().enumerate().filter(|(_, word)| word.starts_with('-') && word.len() > 1) {
        if !known.has(word) {
            push(at, word);
        }
    }
}

impl Known {
    fn has(&self, word: &str) -> bool {
        let key = word.split('=').next().unwrap_or_default();
        let listed = |list: &str, key: &str| list.split_ascii_whitespace().any(|one| one == key);
        if listed(self.words, key) {
            return true;
        }
        match word.strip_prefix("--") {
            Some("") => !self.long.is_empty(),
            Some(_) => listed(self.long, &key[2..]),
            None => self.letters == "*" || self.has_letters(&word[1..]),
        }
    }

    /// A cluster: letters of which the last may have a value.
    fn has_letters(&self, cluster: &str) -> bool {
        for letter in cluster.chars() {
            if self.valued.contains(letter) {
                return true;
            }
            if !self.letters.contains(letter) {
                return false;
            }
        }
        true
    }
}
