//! The grammar's node kinds as an enum, so that lowering can match on them.

use std::sync::LazyLock;

macro_rules! kinds {
    (named { $($name:ident = $text:literal,)* } tokens { $($token:ident = $spelling:literal,)* }) => {
        /// A node kind of the grammar. Kinds nobody asks for are [`Kind::Other`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Kind {
            $($name,)*
            $($token,)*
            /// `a.b.c` in one piece: the tree below it is not read.
            Dotted,
            /// A string literal without interpolations: the tree below it is not read.
            PlainString,
            /// Text that the grammar could not read.
            Error,
            /// Any other kind.
            Other,
        }

        impl Kind {
            fn of(name: &str, named: bool) -> Self {
                if named {
                    match name {
                        $($text => Self::$name,)*
                        _ => Self::Other,
                    }
                } else {
                    match name {
                        $($spelling => Self::$token,)*
                        _ => Self::Other,
                    }
                }
            }
        }
    };
}

kinds! {
    named {
        AliasedImport = "aliased_import",
        ArgumentList = "argument_list",
        AsPattern = "as_pattern",
        AsPatternTarget = "as_pattern_target",
        AssertStatement = "assert_statement",
        Assignment = "assignment",
        Attribute = "attribute",
        AugmentedAssignment = "augmented_assignment",
        Await = "await",
        BinaryOperator = "binary_operator",
        Block = "block",
        BooleanOperator = "boolean_operator",
        BreakStatement = "break_statement",
        Call = "call",
        CaseClause = "case_clause",
        CasePattern = "case_pattern",
        Chevron = "chevron",
        ClassDefinition = "class_definition",
        ClassPattern = "class_pattern",
        Comment = "comment",
        ComparisonOperator = "comparison_operator",
        ComplexPattern = "complex_pattern",
        ConcatenatedString = "concatenated_string",
        ConditionalExpression = "conditional_expression",
        ConstrainedType = "constrained_type",
        ContinueStatement = "continue_statement",
        DecoratedDefinition = "decorated_definition",
        Decorator = "decorator",
        DefaultParameter = "default_parameter",
        DeleteStatement = "delete_statement",
        DictPattern = "dict_pattern",
        Dictionary = "dictionary",
        DictionaryComprehension = "dictionary_comprehension",
        DictionarySplat = "dictionary_splat",
        DictionarySplatPattern = "dictionary_splat_pattern",
        DottedName = "dotted_name",
        ElifClause = "elif_clause",
        Ellipsis = "ellipsis",
        ElseClause = "else_clause",
        ExceptClause = "except_clause",
        ExecStatement = "exec_statement",
        ExpressionList = "expression_list",
        ExpressionStatement = "expression_statement",
        False = "false",
        FinallyClause = "finally_clause",
        Float = "float",
        ForInClause = "for_in_clause",
        ForStatement = "for_statement",
        FormatExpression = "format_expression",
        FormatSpecifier = "format_specifier",
        FunctionDefinition = "function_definition",
        FutureImportStatement = "future_import_statement",
        GeneratorExpression = "generator_expression",
        GenericType = "generic_type",
        GlobalStatement = "global_statement",
        Identifier = "identifier",
        IfClause = "if_clause",
        IfStatement = "if_statement",
        ImportFromStatement = "import_from_statement",
        ImportStatement = "import_statement",
        Integer = "integer",
        Interpolation = "interpolation",
        KeywordArgument = "keyword_argument",
        KeywordPattern = "keyword_pattern",
        KeywordSeparator = "keyword_separator",
        Lambda = "lambda",
        LambdaParameters = "lambda_parameters",
        LineContinuation = "line_continuation",
        List = "list",
        ListComprehension = "list_comprehension",
        ListPattern = "list_pattern",
        ListSplat = "list_splat",
        ListSplatPattern = "list_splat_pattern",
        MatchStatement = "match_statement",
        MemberType = "member_type",
        Module = "module",
        NamedExpression = "named_expression",
        None = "none",
        NonlocalStatement = "nonlocal_statement",
        NotOperator = "not_operator",
        Pair = "pair",
        Parameters = "parameters",
        ParenthesizedExpression = "parenthesized_expression",
        ParenthesizedListSplat = "parenthesized_list_splat",
        PassStatement = "pass_statement",
        PatternList = "pattern_list",
        PositionalSeparator = "positional_separator",
        PrintStatement = "print_statement",
        RaiseStatement = "raise_statement",
        RelativeImport = "relative_import",
        ReturnStatement = "return_statement",
        Set = "set",
        SetComprehension = "set_comprehension",
        Slice = "slice",
        SplatPattern = "splat_pattern",
        SplatType = "splat_type",
        String = "string",
        StringContent = "string_content",
        StringEnd = "string_end",
        StringStart = "string_start",
        Subscript = "subscript",
        True = "true",
        TryStatement = "try_statement",
        Tuple = "tuple",
        TuplePattern = "tuple_pattern",
        Type = "type",
        TypeAliasStatement = "type_alias_statement",
        TypeConversion = "type_conversion",
        TypeParameter = "type_parameter",
        TypedDefaultParameter = "typed_default_parameter",
        TypedParameter = "typed_parameter",
        UnaryOperator = "unary_operator",
        UnionPattern = "union_pattern",
        UnionType = "union_type",
        WhileStatement = "while_statement",
        WildcardImport = "wildcard_import",
        WithClause = "with_clause",
        WithItem = "with_item",
        WithStatement = "with_statement",
        Yield = "yield",
    }
    tokens {
        And = "and",
        Arrow = "->",
        As = "as",
        Assign = "=",
        Async = "async",
        BangEqual = "!=",
        Ampersand = "&",
        AmpersandEqual = "&=",
        AtSign = "@",
        AtEqual = "@=",
        Caret = "^",
        CaretEqual = "^=",
        CloseBrace = "}",
        Colon = ":",
        Comma = ",",
        DoubleEqual = "==",
        DoubleSlash = "//",
        DoubleSlashEqual = "//=",
        DoubleStar = "**",
        DoubleStarEqual = "**=",
        From = "from",
        Greater = ">",
        GreaterEqual = ">=",
        If = "if",
        In = "in",
        Is = "is",
        IsNot = "is not",
        Less = "<",
        LessEqual = "<=",
        LessGreater = "<>",
        Minus = "-",
        MinusEqual = "-=",
        Not = "not",
        NotIn = "not in",
        OpenBrace = "{",
        OpenParen = "(",
        Or = "or",
        Percent = "%",
        PercentEqual = "%=",
        Pipe = "|",
        PipeEqual = "|=",
        Plus = "+",
        PlusEqual = "+=",
        ShiftLeft = "<<",
        ShiftLeftEqual = "<<=",
        ShiftRight = ">>",
        ShiftRightEqual = ">>=",
        Slash = "/",
        SlashEqual = "/=",
        Star = "*",
        StarEqual = "*=",
        Tilde = "~",
        Underscore = "_",
    }
}

/// Kinds by the grammar's numbers.
static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    let language: tree_sitter::Language = tree_sitter_python::LANGUAGE.into();
    let count = u16::try_from(language.node_kind_count()).unwrap_or(u16::MAX);
    let kind = |id| language.node_kind_for_id(id).map(|name| Kind::of(name, language.node_kind_is_named(id)));
    (0..count).map(|id| kind(id).unwrap_or(Kind::Other)).collect()
});

impl Kind {
    /// The table from the grammar's numbers to kinds.
    pub(super) fn table() -> &'static [Self] {
        &KINDS
    }

    /// Whether the node stands for nothing but a piece of text.
    pub(super) const fn is_leaf(self) -> bool {
        matches!(
            self,
            Self::Identifier
                | Self::Integer
                | Self::Float
                | Self::True
                | Self::False
                | Self::None
                | Self::Ellipsis
                | Self::StringStart
                | Self::StringEnd
                | Self::StringContent
                | Self::DottedName
                | Self::RelativeImport
                | Self::PassStatement
                | Self::BreakStatement
                | Self::ContinueStatement
                | Self::TypeConversion
                | Self::WildcardImport
                | Self::KeywordSeparator
                | Self::PositionalSeparator
        ) || self.is_token()
    }

    /// Whether it is punctuation or a keyword.
    pub(super) const fn is_token(self) -> bool {
        (self as u8) >= (Self::And as u8) && (self as u8) <= (Self::Underscore as u8)
    }
}
