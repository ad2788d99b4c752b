//! Relations in memory, plans over them, and their answers as text.
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, LazyLock};

use arrow::array::{ArrayRef, Int32Array, RecordBatch, StringArray};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder, TableScanBuilder};
use engine::plan::{Node, Plan, RelationId};
use engine::{Delta, Pipeline, pipeline};

use super::{Purpose, lower, optimize};
use crate::Result;
use crate::binder::{Binder, Environment, Names, RelationSource};
use crate::catalog::{Column, Relation, RelationKind};
use crate::parser::parse_query;
use crate::read::{Batches, READERS_MEMORY_BYTES_MAX, ReadContext, Readers, Relations};
use crate::types::Type;

/// Rows of int4 columns and one text column, by relation.
#[derive(Default)]
pub(crate) struct Memory {
    relations: HashMap<RelationId, (Arc<Relation>, RecordBatch)>,
}

impl Memory {
    /// A table of int4 columns: its name, their names, and rows, `None` for NULL.
    pub(crate) fn table(mut self, name: &str, columns: &[&str], rows: &[&[Option<i32>]]) -> Self {
        let arrays = (0..columns.len())
            .map(|number| -> ArrayRef {
                Arc::new(rows.iter().map(|row| row[number]).collect::<Int32Array>())
            })
            .collect();
        let columns = columns.iter().map(|name| (*name, Type::Int4)).collect::<Vec<_>>();
        self.add(name, &columns, arrays);
        self
    }

    /// The table `name` with its first column as primary key.
    pub(crate) fn keyed(mut self, name: &str) -> Self {
        let mut tables = self.relations.values_mut();
        let (relation, _) = tables.find(|(relation, _)| relation.name == name).unwrap();
        Arc::make_mut(relation).key = vec![0];
        self
    }

    /// A table of one text column.
    pub(crate) fn texts(mut self, name: &str, column: &str, rows: &[&str]) -> Self {
        let array = Arc::new(rows.iter().map(|row| Some(*row)).collect::<StringArray>());
        self.add(name, &[(column, Type::Text)], vec![array]);
        self
    }

    fn add(&mut self, name: &str, columns: &[(&str, Type)], arrays: Vec<ArrayRef>) {
        let id = RelationId(self.relations.len() as u64 + 1);
        let columns = columns
            .iter()
            .map(|(name, ty)| Column {
                name: (*name).to_owned(),
                ty: ty.clone(),
                nullable: true,
                default: None,
                hidden: false,
            })
            .collect();
        let relation = Arc::new(Relation {
            id,
            schema: "public".to_owned(),
            name: name.to_owned(),
            kind: RelationKind::Table,
            columns,
            key: vec![],
            query: None,
            search_path: vec![],
            text: String::new(),
            options: vec![],
            depends_on: vec![],
        });
        use datafusion::logical_expr::TableSource;
        let schema = RelationSource::new(relation.clone()).schema();
        let batch = RecordBatch::try_new(schema, arrays).unwrap();
        self.relations.insert(id, (relation, batch));
    }

    pub(crate) fn relation(&self, name: &str) -> Arc<Relation> {
        let mut all = self.relations.values();
        all.find(|(relation, _)| relation.name == name).unwrap().0.clone()
    }

    /// A scan of the table `name` under another name.
    pub(crate) fn scan(&self, name: &str, alias: &str) -> LogicalPlanBuilder {
        let source = Arc::new(RelationSource::new(self.relation(name)));
        let scan = TableScanBuilder::new(alias, source).build().unwrap();
        LogicalPlanBuilder::from(LogicalPlan::TableScan(scan))
    }

    /// The plan of a query.
    pub(crate) fn bound(&self, sql: &str) -> Result<LogicalPlan> {
        let query = parse_query(sql)?;
        let environment = Environment::default();
        Ok(Binder::new(self, &environment).bind_query(&query)?.plan)
    }

    /// What a query answers, its rows in one line; or its error.
    pub(crate) fn told(self: &Arc<Self>, sql: &str) -> String {
        match self.bound(sql).and_then(|plan| self.answer(plan)) {
            Ok(rows) => rows.replace('\n', ", "),
            Err(error) => format!("{} {}", error.code(), error.message()),
        }
    }

    /// What the query's view holds after the rows came, some of them twice and taken back.
    pub(crate) fn viewed(&self, sql: &str) -> Result<String> {
        let plan = lower(&optimize(self.bound(sql)?, Purpose::View)?)?;
        let append_only = |_| false;
        let environment = pipeline::Environment { seed: 7, pool: None, append_only: &append_only };
        let mut pipeline = Pipeline::build(&plan, &environment)?;
        let rows: Vec<_> = self.relations.iter().map(|(id, (_, rows))| (*id, rows)).collect();
        let inserted =
            |(id, rows): &(RelationId, &RecordBatch)| (*id, Delta::inserted((*rows).clone()));
        let half = |delta: Delta| delta.slice(0, delta.len() / 2);
        let all: Vec<_> = rows.iter().map(inserted).collect();
        let early: Vec<_> = all.iter().map(|(id, delta)| (*id, half(delta.clone()))).collect();
        let back: Vec<_> = early.iter().map(|(id, delta)| (*id, delta.negate())).collect();
        let mut held: HashMap<String, i64> = HashMap::new();
        let mut failed: HashMap<String, i64> = HashMap::new();
        let mut outputs = vec![pipeline.start()?];
        for (tick, inputs) in [early, all, back].iter().enumerate() {
            outputs.push(pipeline.process(inputs, tick as u64 + 1)?);
        }
        for output in outputs {
            for (line, weight) in
                lines(output.delta.rows()).into_iter().zip(output.delta.weights_iter())
            {
                *held.entry(line).or_default() += weight;
            }
            let failures = output.failures;
            for (line, weight) in lines(failures.rows()).into_iter().zip(failures.weights_iter()) {
                *failed.entry(line).or_default() += weight;
            }
        }
        if let Some((line, _)) = failed.iter().find(|(_, weight)| **weight != 0) {
            return Ok(format!("fails: {line}"));
        }
        let mut all = vec![];
        for (line, weight) in held {
            assert!(weight >= 0, "{weight} of {line}");
            all.extend(std::iter::repeat_n(line, weight as usize));
        }
        all.sort();
        Ok(all.join(", "))
    }

    /// The cases that do not answer as is written: a line for the query, one for `-> ` and the
    /// answer, and lines of remarks.
    pub(crate) fn failures(self: &Arc<Self>, cases: &str) -> Vec<String> {
        let mut lines = cases.lines().filter(|line| !line.starts_with("--"));
        let mut failed = vec![];
        while let (Some(sql), Some(expected)) = (lines.next(), lines.next()) {
            let expected = expected.strip_prefix("->").unwrap().trim_start();
            let told = self.told(sql);
            if told != expected {
                failed.push(format!("{sql}\n  expected {expected}\n  answered {told}"));
            }
            let mut rows: Vec<&str> = expected.split(", ").collect();
            rows.sort_unstable();
            let sorted = rows.join(", ");
            match self.viewed(sql) {
                Ok(viewed) if viewed == sorted || viewed.contains(expected) => {}
                Ok(viewed) => {
                    failed.push(format!("{sql}\n  expected {expected}\n  viewed {viewed}"));
                }
                Err(error) if error.code() == "0A000" => {
                    eprintln!("{sql}\n  {} {}", error.message(), error.hint().unwrap_or(""));
                }
                Err(error) => failed.push(format!("{sql}\n  view: {error}")),
            }
        }
        failed
    }

    /// The rows of `plan`, optimised and run, a line each; sorted unless it sorts itself.
    pub(crate) fn answer(self: &Arc<Self>, plan: LogicalPlan) -> Result<String> {
        let sorts = matches!(plan, LogicalPlan::Sort(_));
        let plan = optimize(plan, Purpose::Read)?;
        let context = ReadContext::new(self.clone());
        let rows = READERS.execute(Arc::new(plan), context)?;
        let batches = futures::executor::block_on(rows.collect())?;
        let mut lines: Vec<String> = batches.iter().flat_map(lines).collect();
        if !sorts {
            lines.sort();
        }
        Ok(lines.join("\n"))
    }
}

static READERS: LazyLock<Readers> =
    LazyLock::new(|| Readers::with_threads(1, READERS_MEMORY_BYTES_MAX).unwrap());

impl Names for Memory {
    fn relation(&self, _: Option<&str>, name: &str, _: &[String]) -> Result<Arc<Relation>> {
        let mut all = self.relations.values();
        let found = all.find(|(relation, _)| relation.name == name);
        found.map(|(relation, _)| relation.clone()).ok_or_else(|| {
            crate::Error::new("42P01", format!("relation \"{name}\" does not exist"))
        })
    }
}

impl Relations for Memory {
    fn batches(&self, relation: &Relation, projection: Option<&[usize]>) -> Result<Batches> {
        let batch = &self.relations[&relation.id].1;
        let batch = match projection {
            Some(projection) => batch.project(projection)?,
            None => batch.clone(),
        };
        Ok(Box::new(std::iter::once(Ok(batch))))
    }
}

/// One line for each row; `-` is NULL.
pub(crate) fn lines(batch: &RecordBatch) -> Vec<String> {
    let options = FormatOptions::new().with_null("-");
    let formatters: Vec<_> = batch
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options).unwrap())
        .collect();
    let line = |row| formatters.iter().map(|f| f.value(row).to_string()).collect::<Vec<_>>();
    (0..batch.num_rows()).map(|row| line(row).join(" ")).collect()
}

/// A plan of the engine, a line for each operator.
pub(crate) fn shape(plan: &Plan) -> String {
    let mut text = String::new();
    write_shape(plan, 0, &mut text);
    text.trim_end().to_owned()
}

fn write_shape(plan: &Plan, depth: usize, text: &mut String) {
    let line = match &plan.node {
        Node::Scan { relation, columns } => format!("Scan {} {columns:?}", relation.0),
        Node::Values { rows } => format!("Values {}", rows.num_rows()),
        Node::Filter { predicate, .. } => {
            format!("Filter {}{}", predicate.physical, mark(predicate.fallible))
        }
        Node::Project { expressions, .. } => {
            let all: Vec<_> =
                expressions.iter().map(|e| format!("{}{}", e.physical, mark(e.fallible))).collect();
            format!("Project {}", all.join(", "))
        }
        Node::Union { .. } => "Union".to_owned(),
        Node::Aggregate { keys, calls, .. } => {
            let calls: Vec<_> = calls
                .iter()
                .map(|call| {
                    let distinct = if call.distinct { "distinct " } else { "" };
                    let argument = call.argument.map(|a| a.to_string()).unwrap_or_default();
                    let filter = call.filter.map(|f| format!(" if {f}")).unwrap_or_default();
                    format!("{:?}({distinct}{argument}){filter}", call.function)
                })
                .collect();
            format!("Aggregate {keys:?} {}", calls.join(", ")).trim_end().to_owned()
        }
        Node::Join { kind, on, nulls_equal, residual, .. } => {
            let nulls = if *nulls_equal { " nulls equal" } else { "" };
            let residual =
                residual.as_ref().map(|r| format!(" if {}{}", r.physical, mark(r.fallible)));
            format!("Join {kind:?} {on:?}{nulls}{}", residual.unwrap_or_default())
        }
        Node::TopK { partition, order, skip, limit, row_number, .. } => {
            let order: Vec<_> = order
                .iter()
                .map(|k| format!("{}{}", k.column, if k.options.descending { " desc" } else { "" }))
                .collect();
            let number = if *row_number { " numbered" } else { "" };
            format!("TopK {partition:?} by {} skip {skip} limit {limit}{number}", order.join(", "))
        }
        Node::Window { time, size, slide, offset, .. } => {
            format!("Window {time} size {size} slide {slide} offset {offset}")
        }
        #[allow(unreachable_patterns)]
        other => format!("{other:?}"),
    };
    writeln!(text, "{:indent$}{line}", "", indent = depth * 2).unwrap();
    for input in plan.inputs() {
        write_shape(input, depth + 1, text);
    }
}

fn mark(fallible: bool) -> &'static str {
    if fallible { " (fallible)" } else { "" }
}
