//! Window tables in PostgreSQL's words: `TUMBLE`, `HOP` as joins with their windows.

/// The query with each `TUMBLE(t, c, INTERVAL 'n')`, `HOP(t, c, INTERVAL 'n', INTERVAL 'm')`
/// replaced.
pub fn plain(query: &str) -> String {
    let mut text = query.to_owned();
    for word in ["TUMBLE(", "HOP("] {
        while let Some(start) = text.find(word) {
            let inside = start + word.len();
            let end = inside + text[inside..].find(')').expect("a window table ends");
            let arguments: Vec<&str> = text[inside..end].split(", ").collect();
            let written = written(&arguments);
            text.replace_range(start..=end, &written);
        }
    }
    text
}

fn written(arguments: &[&str]) -> String {
    let [relation, time, slide, rest @ ..] = arguments else { panic!("a window's arguments") };
    let size = rest.first().unwrap_or(slide);
    let last = format!("date_bin({slide}, x.{time}, '1970-01-01')");
    format!(
        "(SELECT x.*, w AS window_start, w + {size} AS window_end FROM {relation} AS x, \
         LATERAL generate_series({last} - {size}, {last}, {slide}) AS w \
         WHERE isfinite(x.{time}) AND w + {size} > x.{time} AND w <= x.{time})"
    )
}
