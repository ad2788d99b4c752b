//! Tables of cases of aggregates: rows of an argument, and what PostgreSQL 15 gives for them.
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, new_empty_array};
use arrow::datatypes::{FieldRef, Schema};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::function::AccumulatorArgs;
use datafusion::logical_expr::{AggregateUDF, EmitTo};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::col;
use engine::Result;

use super::value::{Typed, kind, parse, print, type_of};
use crate::functions::{AggregateOverload, aggregates};
use crate::types::Type;

/// Rows of an argument, and what the aggregate gives for them.
type Rows<'a> = (&'a [&'a str], &'a str);

/// The aggregate over values of type `kind` must give this text: at once, merged of parts,
/// by group, and as the frame of a window.
pub(crate) fn check_aggregate(name: &str, kind: &str, cases: &[Rows<'_>]) {
    for (rows, expected) in cases {
        for way in Way::ALL {
            match aggregated(name, kind, rows, way) {
                Ok(typed) => assert_eq!(&print(&typed), expected, "{name}({rows:?}) {way:?}"),
                Err(error) => panic!("{name}({rows:?}) {way:?} failed: {error}"),
            }
        }
    }
}

/// The aggregate over values of type `kind` must fail with this SQLSTATE and message.
pub(crate) fn check_aggregate_errors(name: &str, kind: &str, cases: &[Rows<'_>]) {
    for (rows, expected) in cases {
        for way in Way::ALL {
            let error = aggregated(name, kind, rows, way).unwrap_err();
            assert_eq!(&format!("{} {error}", error.code()), expected, "{name}({rows:?}) {way:?}");
        }
    }
}

/// How the rows are fed.
#[derive(Clone, Copy, Debug)]
enum Way {
    Single,
    Merged,
    Sliding,
    Groups,
}

impl Way {
    const ALL: [Way; 4] = [Way::Single, Way::Merged, Way::Sliding, Way::Groups];
}

/// An aggregate over one column, ready to be called.
struct Called {
    udaf: Arc<AggregateUDF>,
    ty: Type,
    result: Type,
    field: FieldRef,
    schema: Schema,
    exprs: [Arc<dyn PhysicalExpr>; 1],
}

impl Called {
    fn new(name: &str, written: &str) -> Self {
        let ty = type_of(written);
        let same = |overload: &&AggregateOverload| {
            overload.arguments.first().is_some_and(|first| kind(first) == kind(&ty))
        };
        let overload = aggregates(name).iter().find(same).expect("an overload");
        let types = [ty.clone()];
        let field = Arc::new(ty.field("a", true));
        let schema = Schema::new(vec![field.clone()]);
        let exprs = [col("a", &schema).unwrap()];
        let result = (overload.result)(&types).unwrap();
        Self { udaf: (overload.udaf)(&types), ty, result, field, schema, exprs }
    }

    fn arguments(&self) -> AccumulatorArgs<'_> {
        AccumulatorArgs {
            return_field: Arc::new(self.result.field("r", true)),
            schema: &self.schema,
            ignore_nulls: false,
            order_bys: &[],
            is_reversed: false,
            name: "r",
            is_distinct: false,
            exprs: &self.exprs,
            expr_fields: std::slice::from_ref(&self.field),
        }
    }

    fn array(&self, rows: &[&str]) -> ArrayRef {
        let null = ScalarValue::try_from(&self.ty.arrow()).unwrap();
        let value = |row: &&str| match *row {
            "NULL" => null.clone(),
            text => parse(text, &self.ty).unwrap(),
        };
        match rows {
            [] => new_empty_array(&self.ty.arrow()),
            _ => ScalarValue::iter_to_array(rows.iter().map(value)).unwrap(),
        }
    }

    fn single(&self, rows: &[&str]) -> Result<ScalarValue> {
        let mut single = self.udaf.accumulator(self.arguments())?;
        single.update_batch(&[self.array(rows)])?;
        Ok(single.evaluate()?)
    }

    /// Two halves, the second first.
    fn merged(&self, rows: &[&str]) -> Result<ScalarValue> {
        let (left, right) = rows.split_at(rows.len() / 2);
        let mut whole = self.udaf.accumulator(self.arguments())?;
        for part in [right, left] {
            let mut single = self.udaf.accumulator(self.arguments())?;
            single.update_batch(&[self.array(part)])?;
            let states = single.state()?;
            let states: Vec<ArrayRef> =
                states.iter().map(|state| state.to_array_of_size(1).unwrap()).collect();
            whole.merge_batch(&states)?;
        }
        Ok(whole.evaluate()?)
    }

    /// All rows twice, then once taken away.
    fn sliding(&self, rows: &[&str]) -> Result<ScalarValue> {
        let mut sliding = self.udaf.create_sliding_accumulator(self.arguments())?;
        sliding.update_batch(&[self.array(rows)])?;
        sliding.update_batch(&[self.array(rows)])?;
        sliding.retract_batch(&[self.array(rows)])?;
        Ok(sliding.evaluate()?)
    }

    /// Two groups of the same rows, of which one goes by way of its state.
    fn groups(&self, rows: &[&str]) -> Result<ScalarValue> {
        if !self.udaf.groups_accumulator_supported(self.arguments()) {
            return self.single(rows);
        }
        let twice = self.array(&[rows, rows].concat());
        let groups: Vec<usize> =
            (0..twice.len()).map(|row| usize::from(row >= rows.len())).collect();
        let mut accumulator = self.udaf.create_groups_accumulator(self.arguments())?;
        accumulator.update_batch(&[twice], &groups, None, 3)?;
        let states = accumulator.state(EmitTo::First(1))?;
        accumulator.merge_batch(&states, &[1], 2)?;
        let array = accumulator.evaluate(EmitTo::All)?;
        let of = |row: usize| ScalarValue::try_from_array(&array, row).unwrap();
        assert_eq!(of(0), of(1));
        Ok(of(1))
    }
}

fn aggregated(name: &str, written: &str, rows: &[&str], way: Way) -> Result<Typed> {
    let called = Called::new(name, written);
    let value = match way {
        Way::Single => called.single(rows),
        Way::Merged => called.merged(rows),
        Way::Sliding => called.sliding(rows),
        Way::Groups => called.groups(rows),
    }?;
    Ok(Typed { value, ty: called.result })
}
