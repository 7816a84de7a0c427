//! `--since` in repositories as people have them: new ones, worktrees, submodules, renames, hooks that set git's variables.

use std::path::Path;
use std::process::Command;

use crate::support::project::Project;
use crate::support::run::{Output, precollect_with};

const RUN: &str = "8/3.11";

fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    let settings = ["user.name=a", "user.email=a@example.org", "protocol.file.allow=always", "init.defaultBranch=main"];
    command.current_dir(folder).args(settings.iter().flat_map(|setting| ["-c", setting])).args(arguments);
    let output = command.env("GIT_CONFIG_GLOBAL", "/dev/null").output().expect("git can be run");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A repository with one old finding.
fn repository() -> Project {
    let project = Project::new(RUN);
    project.write("shop.py", "def login(): ...\n");
    project.write("test_old.py", "from shop import logout\n\n\ndef test_a(): ...\n");
    project.write("test_good.py", "from shop import login\n\n\ndef test_c(): ...\n");
    git(&project.folder, &["init", "-q"]);
    git(&project.folder, &["add", "."]);
    git(&project.folder, &["commit", "-q", "-m", "first"]);
    project
}

fn since(project: &Project, folder: &Path, arguments: &[&str], variables: &[(&str, &Path)]) -> Output {
    let environment = project.environment.to_string_lossy();
    let mut all = vec!["check", "--output-format", "concise", "-q", "--python", &environment];
    all.extend(arguments);
    let own = variables.iter().map(|(name, value)| ((*name).to_owned(), value.to_string_lossy().into_owned()));
    let variables = std::env::var("PATH").into_iter().map(|path| ("PATH".to_owned(), path)).chain(own).collect();
    let output = precollect_with(folder, &all, &variables);
    output.assert_orderly();
    output
}

fn told(output: &Output) -> Vec<String> {
    let subjects = |line: &str| Some(line.split_once("] ")?.1.to_owned());
    output.text().lines().filter_map(subjects).collect()
}

#[test]
fn the_first_commit_is_compared_with_nothing() {
    let project = Project::new(RUN);
    project.write("shop.py", "");
    project.write("test_a.py", "from shop import logout\n");
    git(&project.folder, &["init", "-q"]);
    let output = since(&project, &project.folder, &["--since", "HEAD"], &[]);
    assert_eq!((output.code, told(&output)), (1, vec!["shop has no logout: 1 module fails".to_owned()]));
    assert_eq!(since(&project, &project.folder, &["--since", "main"], &[]).code, 2, "another name has to exist");
}

#[test]
fn a_renamed_test_brings_no_old_finding_again() {
    let project = repository();
    std::fs::create_dir(project.folder.join("unit")).expect("can be made");
    git(&project.folder, &["mv", "test_old.py", "unit/test_older.py"]);
    project.write("unit/test_older.py", "import json\n\nfrom shop import logout\n\n\ndef test_a(): ...\n");
    let output = since(&project, &project.folder, &["--since", "HEAD"], &[]);
    assert_eq!((output.code, told(&output)), (0, vec![]));
    git(&project.folder, &["mv", "shop.py", "store.py"]);
    let output = since(&project, &project.folder, &["--since", "HEAD"], &[]);
    assert_eq!(output.code, 1, "a renamed module breaks who imports it");
    assert!(output.text().contains("test_good.py:1"), "{}", output.text());
}

#[test]
fn a_hook_in_a_worktree_compares_its_own_tree() {
    let project = repository();
    let place = tempfile::tempdir().expect("a temporary directory");
    let tree = place.path().join("tree");
    git(&project.folder, &["worktree", "add", "-q", &tree.to_string_lossy(), "-b", "other"]);
    std::fs::create_dir(tree.join("unit")).expect("can be made");
    std::fs::write(tree.join("unit/test_new.py"), "from shop import gone\n").expect("can be written");
    std::fs::write(tree.join("unit/pytest.ini"), "[pytest]\npythonpath = ..\n").expect("can be written");
    // As git sets them for hooks, also where the hook goes into a directory.
    let git_dir = project.folder.join(".git/worktrees/tree");
    let index = git_dir.join("index");
    let variables: [(&str, &Path); 2] = [("GIT_DIR", &git_dir), ("GIT_INDEX_FILE", &index)];
    for folder in [tree.clone(), tree.join("unit")] {
        let output = since(&project, &folder, &["--since", "HEAD"], &variables);
        assert_eq!((output.code, told(&output)), (1, vec!["shop has no gone: 1 module fails".to_owned()]));
    }
    assert_eq!(since(&project, &project.folder, &["--since", "HEAD"], &[]).code, 0, "the first tree is as it was");
}

#[test]
fn submodules_links_and_odd_names_are_left_alone() {
    let project = repository();
    let other = repository();
    git(&project.folder, &["submodule", "--quiet", "add", &other.folder.to_string_lossy(), "vendor.py"]);
    project.write("test_größe.py", "def test_it(): ...\n");
    git(&project.folder, &["add", "."]);
    git(&project.folder, &["commit", "-q", "-m", "second"]);
    std::fs::write(project.folder.join("vendor.py/shop.py"), "").expect("can be written");
    project.write("test_größe.py", "from shop import größe\n");
    let output = since(&project, &project.folder, &["--since", "HEAD"], &[]);
    assert_eq!((output.code, told(&output)), (1, vec!["shop has no größe: 1 module fails".to_owned()]));
    #[cfg(unix)]
    {
        git(&project.folder, &["checkout", "-q", "."]);
        std::os::unix::fs::symlink("test_good.py", project.folder.join("test_link.py")).expect("can be made");
        git(&project.folder, &["add", "."]);
        git(&project.folder, &["commit", "-q", "-m", "third"]);
        std::fs::remove_file(project.folder.join("test_link.py")).expect("can be removed");
        let output = since(&project, &project.folder, &["--since", "HEAD"], &[]);
        assert_eq!((output.code, told(&output)), (0, vec![]), "the link's target is no source");
    }
}

#[test]
fn a_shallow_clone_knows_its_own_commits_only() {
    let project = repository();
    project.write("test_new.py", "from shop import gone\n");
    git(&project.folder, &["add", "."]);
    git(&project.folder, &["commit", "-q", "-m", "second"]);
    let place = tempfile::tempdir().expect("a temporary directory");
    let url = format!("file://{}", project.folder.display());
    git(place.path(), &["clone", "-q", "--depth", "1", &url, "clone"]);
    let clone = place.path().join("clone");
    assert_eq!(since(&project, &clone, &["--since", "HEAD"], &[]).code, 0);
    let output = since(&project, &clone, &["--since", "HEAD~1"], &[]);
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("failed to read the tree at HEAD~1"), "{}", output.stderr);
}
