//! ENV008: tests that need a database, a broker, a container, a host, a file, a variable.

use super::reached;
use super::{Facts, Sink, declare_rule};
use crate::diagnostic::{Certainty, Severity};

declare_rule!(
    ServiceRequired,
    "ENV008",
    "service-required",
    Info,
    off,
    "tests or fixtures that need a database, broker, container, host, file or variable",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    for need in reached::services(facts) {
        let tests = reached::counted(&need.tests, "needs", "need");
        let mut finding = sink.finding(facts.frame_place(&need.at), format!("{}: {tests}", need.service));
        finding.certainty = Certainty::Likely;
        finding.severity = Severity::Info;
        finding.subject.clone_from(&need.service);
        finding.label = format!("{} connects", need.call);
        finding.chain.clone_from(&need.chain);
        finding.facts = reached::test_facts(&need.tests);
        finding.help.push("start it before the run, or replace the client in a fixture".to_owned());
        sink.push(finding);
    }
    for (path, (at, tests)) in reached::files(facts) {
        let shown = facts.without_root(path);
        let told = reached::counted(&tests, "needs", "need");
        let mut finding = sink.finding(facts.frame_place(&at), format!("file {shown}: {told}"));
        finding.certainty = Certainty::Likely;
        finding.severity = Severity::Info;
        finding.label = "is opened and does not exist".to_owned();
        finding.facts = reached::test_facts(&tests);
        finding.help.push("make it before the run, or in a fixture below tmp_path".to_owned());
        finding.subject = format!("file {shown}");
        sink.push(finding);
    }
    for (name, (at, tests)) in reached::variables(facts) {
        let told = reached::counted(&tests, "needs", "need");
        let mut finding = sink.finding(facts.frame_place(&at), format!("environment variable {name}: {told}"));
        finding.certainty = Certainty::Likely;
        finding.severity = Severity::Info;
        finding.subject = format!("variable {name}");
        finding.label = format!("reads {name} without a default");
        finding.facts = reached::test_facts(&tests);
        finding.help.push(format!("set {name} for the run, or monkeypatch.setenv({name:?}, ...) in a fixture"));
        sink.push(finding);
    }
}
