//! Local only.
use super::fixture::{bind, described};
#[test]
fn local_syntax() {
    let cases: Vec<(String, String)> = serde_json::from_str(&std::fs::read_to_string("/tmp/pgt/syntax.json").unwrap()).unwrap();
    for (q, pg) in cases {
        let ours = match crate::parser::parse(&q) { Err(e) => described(&e, &q), Ok(_) => std::panic::catch_unwind(|| match bind(&q) { Ok(_) => "OK".to_owned(), Err(e) => described(&e, &q).lines().next().unwrap().to_owned() }).unwrap_or("panic".into()) };
        let plain = ours.rsplit_once(" @").map_or(ours.as_str(), |(a, _)| a);
        if plain != pg { println!("{q}\n   pg   {pg}\n   ours {ours}"); }
    }
}
