//! Words that are keywords in other dialects: here they are names, as in PostgreSQL.
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

/// What the parser would take for syntax that PostgreSQL does not have.
const NAMES: [Keyword; 13] = [
    Keyword::CONNECT,
    Keyword::DIV,
    Keyword::MINUS,
    Keyword::PIVOT,
    Keyword::PREWHERE,
    Keyword::QUALIFY,
    Keyword::REGEXP,
    Keyword::RLIKE,
    Keyword::SAMPLE,
    Keyword::SETTINGS,
    Keyword::TOP,
    Keyword::UNPIVOT,
    Keyword::XOR,
];

/// The token, as a name if it is one of these words.
pub(super) fn as_name(mut token: TokenWithSpan) -> TokenWithSpan {
    if let Token::Word(word) = &mut token.token
        && NAMES.contains(&word.keyword)
    {
        word.keyword = Keyword::NoKeyword;
    }
    token
}

#[cfg(test)]
mod tests {
    use crate::parser::parse_query;

    #[test]
    fn keywords_of_other_dialects_are_names() {
        let text = "SELECT top, pivot AS settings, sample AS xor FROM minus qualify";
        assert_eq!(parse_query(text).unwrap().to_string(), text);
    }
}
