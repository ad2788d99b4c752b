//! A logical plan as text: one line an operator, inputs indented below, in the words that
//! continuous views' operators are shown in.
use std::collections::HashMap;

use datafusion::common::{Column, JoinType, NullEquality};
use datafusion::logical_expr::{
    Aggregate, Expr, FetchType, Join, Limit, LogicalPlan, Projection, SkipType, Sort, TableScan,
};

use super::expression::{Names, key, list, shown};
use crate::plan::source::{relation_of, window_table};
use crate::{Error, Result};

/// The operators of a plan whose columns are called `outputs`, from the last to the first.
/// Columns are called with their relation if there are several, or if so `wanted`.
pub(crate) fn describe(
    plan: &LogicalPlan,
    outputs: &[String],
    wanted: bool,
) -> Result<Vec<String>> {
    let mut scans = vec![];
    count_scans(plan, &mut scans)?;
    let mut words = Words {
        qualified: wanted || scans.len() > 1,
        with_schema: wanted,
        relations: numbered(scans),
        next: 0,
        lines: vec![],
    };
    words.add(plan, 0, Some(outputs))?;
    Ok(words.lines)
}

/// The relations that are scanned, in the order in which they are shown.
fn count_scans(plan: &LogicalPlan, found: &mut Vec<(String, String)>) -> Result<()> {
    if let LogicalPlan::TableScan(scan) = plan {
        let relation = relation_of(scan)?;
        found.push((relation.schema.clone(), relation.name.clone()));
    }
    plan.inputs().into_iter().try_for_each(|input| count_scans(input, found))
}

/// Each relation's schema and name, and a name for its columns that no other scan has.
fn numbered(scans: Vec<(String, String)>) -> Vec<(String, String, String)> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let name = |(schema, name): (String, String)| {
        let number = seen.entry(name.clone()).or_default();
        *number += 1;
        let own = if *number == 1 { name.clone() } else { format!("{name}_{}", *number - 1) };
        (schema, name, own)
    };
    scans.into_iter().map(name).collect()
}

/// A longer expression goes by the first of it in the operators above.
const TEXT_LETTERS_MAX: usize = 60;

struct Words {
    qualified: bool,
    with_schema: bool,
    relations: Vec<(String, String, String)>,
    /// The scan that is next.
    next: usize,
    lines: Vec<String>,
}

impl Words {
    /// Adds the lines of a plan; gives what its columns are called.
    fn add(
        &mut self,
        plan: &LogicalPlan,
        depth: usize,
        outputs: Option<&[String]>,
    ) -> Result<Names> {
        let place = self.lines.len();
        self.lines.push(String::new());
        let mut below = Names::new();
        let mut branches = vec![];
        for input in plan.inputs() {
            let names = self.add(input, depth + 1, None)?;
            branches.push(input.schema().columns().iter().map(|c| named(c, &names)).collect());
            below.extend(names);
        }
        let (line, own) = self.line(plan, below, &branches, outputs)?;
        if let Some(space) = self.lines.get_mut(place) {
            *space = format!("{}{line}", "  ".repeat(depth));
        }
        Ok(own)
    }

    fn line(
        &mut self,
        plan: &LogicalPlan,
        below: Names,
        branches: &[Vec<String>],
        outputs: Option<&[String]>,
    ) -> Result<(String, Names)> {
        if let Some(windows) = window_table(plan) {
            let time = shown(&windows.time, &below);
            let text = format!(
                "Window on {time}: size {} us, slide {} us, offset {} us",
                windows.size, windows.slide, windows.offset
            );
            let mut names = below;
            call(&mut names, plan, ["window_start", "window_end"].map(str::to_owned).to_vec());
            return Ok((text, names));
        }
        Ok(match plan {
            LogicalPlan::TableScan(scan) => self.scan(scan)?,
            LogicalPlan::Projection(projection) => project(projection, &below, outputs),
            LogicalPlan::Filter(filter) => {
                (format!("Filter: {}", shown(&filter.predicate, &below)), below)
            }
            LogicalPlan::Aggregate(aggregate) => grouped(aggregate, &below),
            LogicalPlan::Window(window) => {
                let text = format!("Window: {}", list(&window.window_expr, &below));
                let mut names = below.clone();
                call(
                    &mut names,
                    plan,
                    window.window_expr.iter().map(|e| shown(e, &below)).collect(),
                );
                (text, names)
            }
            LogicalPlan::Sort(sort) => (sorted(sort, &below), below),
            LogicalPlan::Limit(limit) => (limited(limit)?, below),
            LogicalPlan::Join(join) => (joined(join, &below), below),
            LogicalPlan::Union(_) => {
                let mut names = Names::new();
                let first = branches.first().cloned().unwrap_or_default();
                call(&mut names, plan, first);
                ("Union".to_owned(), names)
            }
            LogicalPlan::Values(values) => {
                let rows = values.values.len();
                let columns = (1..=plan.schema().fields().len()).map(|n| format!("column{n}"));
                let mut names = Names::new();
                call(&mut names, plan, columns.collect());
                (format!("Values: {rows} rows"), names)
            }
            LogicalPlan::EmptyRelation(empty) => {
                let rows = if empty.produce_one_row { "Result" } else { "No rows" };
                (rows.to_owned(), below)
            }
            LogicalPlan::Unnest(_) => ("Unnest".to_owned(), unfolded(plan, below)),
            other => {
                let name = other.display().to_string();
                let name = name.split([':', '(']).next().unwrap_or_default().to_owned();
                (name, below)
            }
        })
    }

    fn scan(&mut self, scan: &TableScan) -> Result<(String, Names)> {
        let relation = self.relations.get(self.next);
        let (schema, name, own) =
            relation.ok_or_else(|| Error::internal("a scan that was not counted"))?;
        self.next += 1;
        let columns: Vec<Column> = scan.projected_schema.columns();
        let one = |column: &Column| match self.qualified {
            true => format!("{own}.{}", column.name),
            false => column.name.clone(),
        };
        let texts: Vec<String> = columns.iter().map(one).collect();
        let place = match self.with_schema {
            true => format!("{schema}.{name}"),
            false => name.clone(),
        };
        let alias = if own == name { String::new() } else { format!(" AS {own}") };
        let plain: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let list = if plain.is_empty() { String::new() } else { format!(": {}", plain.join(", ")) };
        Ok((format!("Scan {place}{alias}{list}"), columns.into_iter().zip(texts).collect()))
    }
}

fn named(column: &Column, names: &Names) -> String {
    names.get(column).cloned().unwrap_or_else(|| column.name.clone())
}

/// Gives a plan's last columns their texts.
fn call(names: &mut Names, plan: &LogicalPlan, texts: Vec<String>) {
    let columns = plan.schema().columns();
    let first = columns.len().saturating_sub(texts.len());
    for (column, text) in columns.into_iter().skip(first).zip(texts) {
        names.insert(column, shortened(text));
    }
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(TEXT_LETTERS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// The outputs of the query are told by name where that is not their text.
fn project(projection: &Projection, below: &Names, outputs: Option<&[String]>) -> (String, Names) {
    let texts: Vec<String> = projection.expr.iter().map(|expr| shown(expr, below)).collect();
    let listed: Vec<String> = texts
        .iter()
        .enumerate()
        .map(|(place, text)| match outputs.and_then(|names| names.get(place)) {
            Some(name) if !goes_by(text, name) => format!("{text} AS {name}"),
            _ => text.clone(),
        })
        .collect();
    let mut names = Names::new();
    call(&mut names, &LogicalPlan::Projection(projection.clone()), texts);
    (format!("Project: {}", listed.join(", ")), names)
}

/// Whether an expression has this name without AS.
fn goes_by(text: &str, name: &str) -> bool {
    let is_call = || text.strip_prefix(name).is_some_and(|rest| rest.starts_with('('));
    let is_column = || text.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'));
    text == name || name == "?column?" || is_call() || is_column()
}

fn grouped(aggregate: &Aggregate, below: &Names) -> (String, Names) {
    let name = if aggregate.aggr_expr.is_empty() { "Distinct" } else { "Aggregate" };
    let keys: Vec<String> = match aggregate.group_expr.as_slice() {
        [Expr::GroupingSet(sets)] => {
            sets.distinct_expr().into_iter().map(|expr| shown(expr, below)).collect()
        }
        keys => keys.iter().map(|expr| shown(expr, below)).collect(),
    };
    let calls: Vec<String> = aggregate.aggr_expr.iter().map(|expr| shown(expr, below)).collect();
    let mut text = name.to_owned();
    if !keys.is_empty() {
        text.push_str(&format!(" by {}", keys.join(", ")));
    }
    if !calls.is_empty() {
        text.push_str(&format!(": {}", calls.join(", ")));
    }
    let mut names = Names::new();
    let columns = aggregate.schema.columns();
    for (column, text) in columns.iter().zip(&keys) {
        names.insert(column.clone(), shortened(text.clone()));
    }
    let first = columns.len().saturating_sub(calls.len());
    for (column, text) in columns.into_iter().skip(first).zip(calls) {
        names.insert(column, shortened(text));
    }
    (text, names)
}

fn sorted(sort: &Sort, below: &Names) -> String {
    let keys: Vec<String> = sort.expr.iter().map(|one| key(one, below)).collect();
    let word = sort.fetch.map_or_else(|| "Sort".to_owned(), |rows| format!("Top {rows}"));
    format!("{word} by {}", keys.join(", "))
}

fn limited(limit: &Limit) -> Result<String> {
    let skip = match limit.get_skip_type()? {
        SkipType::Literal(0) => String::new(),
        SkipType::Literal(rows) => format!(" after {rows}"),
        SkipType::UnsupportedExpr => " after a computed number".to_owned(),
    };
    let fetch = match limit.get_fetch_type()? {
        FetchType::Literal(None) => "Rows".to_owned(),
        FetchType::Literal(Some(rows)) => format!("Limit {rows}"),
        FetchType::UnsupportedExpr => "Limit to a computed number".to_owned(),
    };
    Ok(fetch + &skip)
}

/// The names with those of sets' elements.
fn unfolded(plan: &LogicalPlan, mut names: Names) -> Names {
    for column in plan.schema().columns() {
        names.entry(column).or_insert_with(|| "element".to_owned());
    }
    names
}

fn joined(join: &Join, below: &Names) -> String {
    let kind = match join.join_type {
        JoinType::Inner if join.on.is_empty() && join.filter.is_none() => {
            return "Cross Join".into();
        }
        JoinType::Inner => "Inner",
        JoinType::Left => "Left",
        JoinType::Right => "Right",
        JoinType::Full => "Full",
        JoinType::LeftSemi | JoinType::RightSemi => "Semi",
        JoinType::LeftAnti | JoinType::RightAnti => "Anti",
        JoinType::LeftMark | JoinType::RightMark => "Mark",
    };
    let equal = match join.null_equality {
        NullEquality::NullEqualsNull => "IS NOT DISTINCT FROM",
        NullEquality::NullEqualsNothing => "=",
    };
    let mut conditions: Vec<String> = join
        .on
        .iter()
        .map(|(left, right)| format!("{} {equal} {}", shown(left, below), shown(right, below)))
        .collect();
    conditions.extend(join.filter.as_ref().map(|filter| shown(filter, below)));
    match conditions.is_empty() {
        true => format!("{kind} Join"),
        false => format!("{kind} Join on {}", conditions.join(" AND ")),
    }
}
