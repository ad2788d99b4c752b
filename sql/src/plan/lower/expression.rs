//! Expressions over columns by number, and the schemas they stand on.
use std::collections::HashSet;
use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::common::DFSchema;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::execution::context::ExecutionProps;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_expr::create_physical_expr;
use datafusion::physical_expr::expressions::Column;
use engine::plan::{Expression, Node, Plan};

use super::node::lower_node;
use crate::binder::NOW_PLACEHOLDER;
use crate::plan::fallible::fallible;
use crate::{Error, Result};

/// `expr` over the columns of `schema`.
pub(super) fn expression(expr: &Expr, schema: &DFSchema) -> Result<Expression> {
    refuse_placeholders(expr)?;
    let properties = ExecutionProps::new();
    let context = PhysicalPlanningContext::default();
    let physical = create_physical_expr(expr, schema, &properties, &context)?;
    Ok(Expression { physical, fallible: fallible(expr, schema) })
}

/// A view has no parameters, and no clock of its own.
fn refuse_placeholders(expr: &Expr) -> Result<()> {
    let mut found = None;
    expr.apply(|part| {
        if let Expr::Placeholder(placeholder) = part {
            found = Some(placeholder.id.clone());
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    match found {
        None => Ok(()),
        Some(id) if id == NOW_PLACEHOLDER => Err(Error::unsupported("now() in a continuous view")
            .with_hint(
                "Filter by it when you read the view, or group by a window of the row's time.",
            )),
        Some(id) => Err(Error::new("42P02", format!("there is no parameter {id}"))),
    }
}

/// Columns of `schema` by number, as expressions.
pub(super) fn columns(schema: &DFSchema, numbers: &[usize]) -> Result<Vec<Expression>> {
    numbers
        .iter()
        .map(|number| {
            let field = schema
                .fields()
                .get(*number)
                .ok_or_else(|| Error::internal("a column that is not there"))?;
            let physical = Arc::new(Column::new(field.name(), *number));
            Ok(Expression { physical, fallible: false })
        })
        .collect()
}

/// The engine's schema for `schema`: the same columns, with unique names and all nullable,
/// since a rule's idea of what is never null is not worth an error.
pub(super) fn schema(schema: &DFSchema) -> SchemaRef {
    named_uniquely(schema.fields().iter().map(|field| field.as_ref().clone()))
}

/// These fields, with unique names and all nullable.
pub(super) fn named_uniquely(fields: impl Iterator<Item = Field>) -> SchemaRef {
    let mut taken = HashSet::new();
    let fields: Vec<Field> = fields
        .map(|field| {
            let mut name = field.name().clone();
            let mut number = 1;
            while !taken.insert(name.clone()) {
                name = format!("{}_{number}", field.name());
                number += 1;
            }
            field.with_name(name).with_nullable(true)
        })
        .collect();
    Arc::new(Schema::new(fields))
}

/// The lowered `plan` with each of `exprs` as a column of it: their numbers stand beside it.
///
/// Where all are columns already it is the plan itself; otherwise what is no column stands in a
/// projection behind the plan's own columns.
pub(super) fn with_columns(plan: &LogicalPlan, exprs: &[&Expr]) -> Result<(Arc<Plan>, Vec<usize>)> {
    let of = plan.schema();
    let input = lower_node(plan)?;
    let mut numbers = Vec::with_capacity(exprs.len());
    let mut added: Vec<Expression> = vec![];
    let mut fields: Vec<Field> = vec![];
    for expr in exprs {
        if let Expr::Column(column) = bare(expr) {
            numbers.push(of.index_of_column(column)?);
            continue;
        }
        let expression = expression(expr, of)?;
        numbers.push(of.fields().len() + added.len());
        fields.push(expression.physical.return_field(of.as_arrow())?.as_ref().clone());
        added.push(expression);
    }
    if added.is_empty() {
        return Ok((input, numbers));
    }
    let all: Vec<usize> = (0..of.fields().len()).collect();
    let mut expressions = columns(of, &all)?;
    expressions.extend(added);
    let own = of.fields().iter().map(|field| field.as_ref().clone());
    let schema = named_uniquely(own.chain(fields));
    Ok((Arc::new(Plan { node: Node::Project { input, expressions }, schema }), numbers))
}

/// `expr` without its aliases.
pub(super) fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Alias(alias) => bare(&alias.expr),
        other => other,
    }
}
