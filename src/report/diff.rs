//! Changes to files as a unified diff, fit for `git apply` and `patch`.

use similar::TextDiff;

use super::look::{Look, Paint};
use crate::diagnostic::Severity;

/// The diff of one file; `before` is none for a new one.
#[must_use]
pub fn unified(path: &str, before: Option<&str>, after: &str, look: &Look) -> String {
    if before.is_none() && after.is_empty() {
        // A new file without a line has no hunk.
        return format!("diff --git a/{path} b/{path}\nnew file mode 100644\n");
    }
    let old = if before.is_some() { format!("a/{path}") } else { "/dev/null".to_owned() };
    let diff = TextDiff::from_lines(before.unwrap_or_default(), after);
    let text = diff.unified_diff().context_radius(3).header(&old, &format!("b/{path}")).to_string();
    let paint = |line: &str| {
        let (content, end) = line.strip_suffix('\n').map_or((line, ""), |content| (content, "\n"));
        let painted = match content.as_bytes().first() {
            Some(b'-') => look.paint(Paint::Severity(Severity::Error), content),
            Some(b'+') => look.paint(Paint::Good, content),
            Some(b'@') => look.paint(Paint::Dim, content),
            _ => content.to_owned(),
        };
        format!("{painted}{end}")
    };
    text.split_inclusive('\n').map(paint).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_can_be_applied() {
        let text = unified("a.py", Some("import b\nx = 1\n"), "import c\nx = 1\n", &Look::PLAIN);
        assert_eq!(text, "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n-import b\n+import c\n x = 1\n");
        assert_eq!(unified("n.py", None, "x\n", &Look::PLAIN), "--- /dev/null\n+++ b/n.py\n@@ -0,0 +1 @@\n+x\n");
    }
}
