//! Why an exception is raised, in terms that a reader can check by hand.

use std::path::Path;

use crate::machine::{Cause, Raised};

/// What to look at; none where the message says it all.
pub(super) fn because(raised: &Raised, shown: &dyn Fn(&Path) -> String) -> Option<String> {
    let lacks = |module: &str, file: Option<&Path>, name: &str, partial: bool| {
        let place = file.map(|file| format!(" ({})", shown(file))).unwrap_or_default();
        if partial {
            format!("{module}{place} is still being imported and has not bound {name} yet")
        } else {
            format!("{module}{place} does not bind {name}")
        }
    };
    Some(match &raised.cause {
        Cause::MissingModule { missing, not_a_package: true, .. } => {
            let (parent, _) = missing.as_str().rsplit_once('.')?;
            format!("{parent} is a module, not a package")
        }
        Cause::MissingModule { missing, .. } => match missing.as_str().rsplit_once('.') {
            Some((parent, tail)) => format!("the package {parent} holds no {tail}"),
            None => format!("no directory of sys.path holds {missing}"),
        },
        Cause::MissingName { module, file, name, partial }
        | Cause::MissingAttribute { module, file, name, partial } => {
            lacks(module.as_str(), file.as_deref().map(|file| file.as_path()), name.as_str(), *partial)
        }
        Cause::UndefinedName(name) => format!("nothing has bound {name} when this line runs"),
        Cause::RelativeNoPackage => "pytest imports this module by itself, not as part of a package".to_owned(),
        Cause::RelativeBeyondTop => "there are more dots than packages above this module".to_owned(),
        Cause::Variable(name) => format!("the environment variable {name} is not set"),
        Cause::File(name) => format!("there is no file {name}"),
        Cause::DuplicateTable { table, first: Some(first) } => {
            format!("{table} was declared first at {}:{}", shown(&first.file), first.line)
        }
        _ if raised.class.as_str().ends_with("Warning") => "a warning filter makes it an error".to_owned(),
        _ => return None,
    })
}
