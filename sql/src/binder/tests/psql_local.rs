//! Local only.
use std::sync::Arc;
use datafusion::logical_expr::{ColumnarValue, Volatility, create_udf};
use crate::binder::*;
use crate::catalog::*;
use crate::types::{Reg, Type};
use crate::{Error, Result};
use crate::parser::{parse, Statement};

struct All(Vec<Arc<Relation>>, Vec<(String, Vec<Type>, Type)>);

fn ty(name: &str) -> Type {
    if let Some(item) = name.strip_suffix("[]") { return Type::Array(Box::new(ty(item))); }
    match name {
        "boolean" => Type::Bool, "smallint" => Type::Int2, "integer" => Type::Int4, "bigint" => Type::Int8,
        "real" => Type::Float4, "double precision" => Type::Float8, "numeric" => Type::BareNumeric,
        "name" => Type::Name, "\"char\"" => Type::ByteChar, "oid" | "xid" | "cid" => Type::Oid, "regproc" => Type::Reg(Reg::Proc),
        "regtype" => Type::Reg(Reg::Type), "regclass" => Type::Reg(Reg::Class), "regnamespace" => Type::Reg(Reg::Namespace),
        "timestamp with time zone" => Type::TimestampTz, "interval" => Type::Interval, "bytea" => Type::Bytea,
        "int2vector" => Type::Array(Box::new(Type::Int2)), "oidvector" => Type::Array(Box::new(Type::Oid)),
        "anyarray" => Type::Array(Box::new(Type::Unknown)),
        _ => Type::Text,
    }
}

impl Names for All {
    fn relation(&self, _s: Option<&str>, name: &str, _p: &[String]) -> Result<Arc<Relation>> {
        self.0.iter().find(|r| r.name == name).cloned().ok_or_else(|| Error::new("42P01", format!("relation {name} does not exist")))
    }
    fn functions(&self, name: &str) -> Vec<SessionFunction> {
        self.1.iter().filter(|f| f.0 == name).map(|f| SessionFunction {
            arguments: f.1.clone(), result: f.2.clone(),
            function: Arc::new(create_udf(name, f.1.iter().map(Type::arrow).collect(), f.2.arrow(), Volatility::Stable, Arc::new(|a: &[ColumnarValue]| Ok(a[0].clone())))),
        }).collect()
    }
}

#[test]
fn local_psql() {
    let mut rels: Vec<Relation> = vec![];
    for line in std::fs::read_to_string("/tmp/pgt/catalog.tsv").unwrap().lines() {
        let p: Vec<&str> = line.split('\t').collect();
        if rels.last().is_none_or(|r| r.name != p[0]) {
            rels.push(Relation { id: engine::plan::RelationId(1), schema: "pg_catalog".into(), name: p[0].into(), kind: RelationKind::System,
                columns: vec![], key: vec![], query: None, search_path: vec![], text: String::new(), options: vec![], depends_on: vec![] });
        }
        rels.last_mut().unwrap().columns.push(Column { name: p[1].into(), ty: ty(p[2]), nullable: true, default: None, hidden: false });
    }
    let procs = std::fs::read_to_string("/tmp/pgt/procs.tsv").unwrap().lines().map(|line| {
        let p: Vec<&str> = line.split('\t').collect();
        (p[0].to_owned(), p[1].split(',').filter(|a| !a.is_empty()).map(ty).collect(), ty(p[2]))
    }).collect();
    let all = All(rels.into_iter().map(Arc::new).collect(), procs);
    let env = Environment::default();
    let queries: Vec<String> = serde_json::from_str(&std::fs::read_to_string("/tmp/pgt/psql.json").unwrap()).unwrap();
    for q in queries {
        let r = parse(&q).and_then(|mut s| {
            let Statement::Sql(s) = s.remove(0).statement else { panic!() };
            let sqlparser::ast::Statement::Query(query) = *s else { return Ok(String::from("no query")) };
            Binder::new(&all, &env).bind_query(&query).map(|b| b.columns.len().to_string())
        });
        match r { Ok(n) => println!("OK {n}"), Err(e) => println!("FAIL {} {} @{:?} in\n{q}\n", e.code(), e.message(), e.position(&q).map(|p| q.chars().skip(p.saturating_sub(1)).take(30).collect::<String>())) }
    }
}
