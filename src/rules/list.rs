//! The list of rules, sorted by code. One line per rule.

use super::Rule;

/// Every rule.
pub static RULES: &[&dyn Rule] = &[
    &super::exit_at_import::ExitAtImport,
    &super::network_at_import::NetworkAtImport,
    &super::sleep_at_import::SleepAtImport,
    &super::process_at_import::ProcessAtImport,
    &super::input_at_import::InputAtImport,
    &super::endless_loop::EndlessLoop,
    &super::wait_at_import::WaitAtImport,
    &super::arguments_at_import::ArgumentsAtImport,
    &super::pytest_exit::PytestExit,
    &super::database_at_import::DatabaseAtImport,
    &super::server_at_import::ServerAtImport,
    &super::file_mismatch::FileMismatch,
    &super::skip_outside_test::SkipOutsideTest,
    &super::fatal_cycle::FatalCycle,
    &super::not_installed::NotInstalled,
    &super::broken_dependency::BrokenDependency,
    &super::missing_module::MissingModule,
    &super::missing_name::MissingName,
    &super::relative_no_package::RelativeNoPackage,
    &super::relative_beyond_top::RelativeBeyondTop,
    &super::missing_attribute::MissingAttribute,
    &super::undefined_name::UndefinedName,
    &super::raises_at_import::RaisesAtImport,
    &super::syntax_error::SyntaxError,
    &super::undecodable_source::UndecodableSource,
    &super::unknown_encoding::UnknownEncoding,
    &super::null_byte::NullByte,
    &super::inconsistent_indentation::InconsistentIndentation,
    &super::newer_syntax::NewerSyntax,
    &super::misplaced_statement::MisplacedStatement,
];
