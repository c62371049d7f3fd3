//! A page's modules as one file: to ask for a hundred small ones takes a browser longer than to read them. Each module becomes a function
//! that is called once, after those it imports from; what it exports is what that function returns.
//!
//! It knows those forms of `import` and `export` that the modules of ours have (each at the beginning of a line, of names; no module
//! imports one that imports it), and those of the vendored ones. A test holds them to it.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Component, Path, PathBuf};

/// The module of this name and all that it imports, in one text. `read` gives a module's own.
///
/// # Errors
/// In words, when a module or a name that is imported is not there, or one imports itself by way of others.
pub(super) fn bundle(entry: &str, read: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut bundle = Bundle { read, done: HashMap::new(), text: String::new() };
    bundle.add(Path::new(entry))?;
    Ok(bundle.text)
}

struct Bundle<R> {
    read: R,
    /// What each module exports; nothing while it waits for those that it imports.
    done: HashMap<PathBuf, Option<Module>>,
    text: String,
}

/// What a module is called in the bundle, and the names that it exports.
#[derive(Clone)]
struct Module {
    variable: String,
    exports: Vec<String>,
}

impl<R: Fn(&str) -> Option<String>> Bundle<R> {
    fn add(&mut self, path: &Path) -> Result<Module, String> {
        match self.done.get(path) {
            Some(Some(module)) => return Ok(module.clone()),
            Some(None) => return Err(format!("{} is imported by what it imports", path.display())),
            None => self.done.insert(path.to_owned(), None),
        };
        let variable = format!("module${}", self.done.len());
        let source = path.to_str().and_then(&self.read).ok_or_else(|| format!("there is no {}", path.display()))?;
        let mut body = Body::default();
        for line in source.lines().filter(|line| !line.starts_with("//# sourceMappingURL")) {
            self.line(path, line, &mut body).map_err(|why| format!("{}: {why}: {line}", path.display()))?;
        }
        let module = Module { variable, exports: body.exports };
        let Module { variable, .. } = &module;
        let _ = writeln!(
            self.text,
            "// {}\nconst {variable} = (() => {{\n{}return {{ {} }};\n}})();",
            path.display(),
            body.text,
            body.gives.join(", ")
        );
        self.done.insert(path.to_owned(), Some(module.clone()));
        Ok(module)
    }

    fn line(&mut self, path: &Path, line: &str, body: &mut Body) -> Result<(), String> {
        let mut rest = line;
        while let Some((names, from, after)) = import(rest) {
            let module = self.add(&beside(path, from))?;
            body.import(names, &module)?;
            rest = after;
        }
        if let Some(from) = rest.strip_prefix("export * from \"").and_then(|from| from.strip_suffix("\";")) {
            let module = self.add(&beside(path, from))?;
            body.gives.push(format!("...{}", module.variable));
            body.exports.extend(module.exports);
        } else if let Some((before, names)) = export(rest) {
            body.text += before;
            body.export(names)?;
        } else if let Some(declared) = rest.strip_prefix("export ") {
            body.export(name(declared).ok_or("what is exported has no name")?)?;
            body.text += declared;
        } else {
            body.text += rest;
        }
        body.text.push('\n');
        Ok(())
    }
}

/// What becomes of a module.
#[derive(Default)]
struct Body {
    text: String,
    /// The members of what its function returns.
    gives: Vec<String>,
    exports: Vec<String>,
}

impl Body {
    /// `{ a, b as c }` or `* as d` of a module.
    fn import(&mut self, names: &str, module: &Module) -> Result<(), String> {
        let Module { variable, exports } = module;
        if let Some(all) = names.strip_prefix("* as ") {
            let _ = write!(self.text, "const {all} = {variable}; ");
            return Ok(());
        }
        let mut members = Vec::new();
        for (there, here) in pairs(names).ok_or("no names are imported")? {
            exports
                .iter()
                .any(|export| export == there)
                .then_some(())
                .ok_or_else(|| format!("no `{there}` is exported there"))?;
            members.push(format!("{there}: {here}"));
        }
        let _ = write!(self.text, "const {{ {} }} = {variable}; ", members.join(", "));
        Ok(())
    }

    /// `name` or `{ a, b as c }`.
    fn export(&mut self, names: &str) -> Result<(), String> {
        let one = vec![(names, names)];
        for (here, there) in pairs(names).or((!names.contains('{')).then_some(one)).ok_or("no names are exported")? {
            self.gives.push(format!("{there}: {here}"));
            self.exports.push(there.to_owned());
        }
        Ok(())
    }
}

/// What a line begins to import, from where, and what follows it.
fn import(line: &str) -> Option<(&str, &str, &str)> {
    let (names, rest) = line.strip_prefix("import")?.split_once('"')?;
    let (from, rest) = rest.split_once("\";")?;
    Some((names.trim_end().strip_suffix("from")?.trim(), from, rest))
}

/// What a line ends to export by a list, and what stands before it.
fn export(line: &str) -> Option<(&str, &str)> {
    let (before, names) = line.strip_suffix(';')?.rsplit_once("export")?;
    let listed =
        names.trim_start().starts_with('{') && names.ends_with('}') && !before.ends_with(char::is_alphanumeric);
    listed.then(|| (before, names.trim_start()))
}

/// `{ a, b as c }`, each by the name before and after.
fn pairs(names: &str) -> Option<Vec<(&str, &str)>> {
    let names = names.strip_prefix('{')?.strip_suffix('}')?;
    let pair = |name| <str>::split_once(name, " as ").unwrap_or((name, name));
    Some(names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(pair).collect())
}

/// What is declared: `function name(…`, `async function name(…`, `const name = …`, `class Name …`.
fn name(declared: &str) -> Option<&str> {
    let rest =
        ["function ", "async function ", "const ", "class "].iter().find_map(|kind| declared.strip_prefix(kind))?;
    rest.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').next().filter(|name| !name.is_empty())
}

/// Where `from` leads from a module.
fn beside(path: &Path, from: &str) -> PathBuf {
    let mut to = path.parent().unwrap_or(Path::new("")).to_owned();
    for part in Path::new(from).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(to.pop()),
            other => to.push(other),
        }
    }
    to
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(modules: &[(&str, &str)]) -> Result<String, String> {
        let all: HashMap<_, _> = modules.iter().copied().collect();
        bundle(modules[0].0, |path| all.get(path).map(|&text| text.to_owned()))
    }

    #[test]
    fn a_module_stands_after_those_it_imports_and_each_stands_once() {
        let text = of(&[
            ("page.js", "import { a, b as c } from \"./parts/x.js\";\nimport * as y from \"./y.js\";\nstart(a, c, y);"),
            ("parts/x.js", "import { d } from \"../y.js\";\nexport const a = d;\nfunction e() {}\nexport { e as b };"),
            ("y.js", "export async function d() {\n}\nexport class F {}"),
        ]);
        insta::assert_snapshot!(text.expect("a bundle"));
    }

    #[test]
    fn minified_modules_and_those_that_pass_on_what_others_export() {
        let text = of(&[
            (
                "a.js",
                "import{x as t}from\"./b.js\";import{y as u}from\"./c.js\";\nconst e=t(u);export{e as z,t as x};\n//# sourceMappingURL=a.js.map",
            ),
            ("b.js", "export * from \"./c.js\";\nexport function x() {}"),
            ("c.js", "const q=1;export{q as y};"),
        ]);
        insta::assert_snapshot!(text.expect("a bundle"));
    }

    #[test]
    fn what_is_not_there_is_named() {
        let wrong = |modules: &[(&str, &str)]| of(modules).expect_err("no bundle");
        assert!(wrong(&[("a.js", "import { b } from \"./b.js\";")]).contains("there is no b.js"));
        assert!(wrong(&[("a.js", "import { b } from \"./c.js\";"), ("c.js", "")]).contains("no `b` is exported there"));
        assert!(
            wrong(&[("a.js", "import { b } from \"./c.js\";"), ("c.js", "import { a } from \"./a.js\";")])
                .contains("imported by what it imports")
        );
        assert!(wrong(&[("a.js", "export default 3;")]).contains("has no name"));
    }
}
