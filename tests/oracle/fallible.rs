//! Expressions that fail on some rows, with guards before them and without.
use tidemill_tests::Random;

use crate::values::{Column, Type};

/// An expression that may fail, and its type; `None` where the columns have nothing for it.
pub fn fallible(random: &mut Random, columns: &[Column]) -> Option<(String, Type)> {
    if random.chance(40)
        && let Some(guarded) = guarded(random, columns)
    {
        return Some(guarded);
    }
    let usable: Vec<&Column> = columns.iter().filter(|c| !choices(c.ty).is_empty()).collect();
    if usable.is_empty() {
        return None;
    }
    let column = *random.pick(&usable);
    let (text, ty) = *random.pick(choices(column.ty));
    let others: Vec<&Column> = columns.iter().filter(|other| other.ty == column.ty).collect();
    let other = &random.pick(&others).name;
    let text = text.replace('@', &column.name).replace('#', other);
    Some((text, ty))
}

/// A condition that may fail.
pub fn condition(random: &mut Random, columns: &[Column]) -> Option<String> {
    let (text, ty) = fallible(random, columns)?;
    Some(match ty {
        Type::Bool => format!("({text})"),
        _ if random.chance(30) => format!("({text}) IS NOT NULL"),
        ty if ty.is_number() => format!("({text}) > 0"),
        _ => format!("({text}) IS NOT NULL"),
    })
}

/// For a column `@`, and another of its type `#`.
fn choices(ty: Type) -> &'static [(&'static str, Type)] {
    match ty {
        Type::Small => &[
            ("@ * @", Type::Small),
            ("10 / @", Type::Int),
            ("@ + 32765::smallint", Type::Small),
            ("-@", Type::Small),
            ("abs(@)", Type::Small),
        ],
        Type::Int => &[
            ("10 / @", Type::Int),
            ("100 % @", Type::Int),
            ("mod(7, @)", Type::Int),
            ("@ / #", Type::Int),
            ("@ * 1000000000", Type::Int),
            ("@ + 2147483640", Type::Int),
            ("@ - 2147483645", Type::Int),
            ("@::smallint", Type::Small),
            ("-@", Type::Int),
            ("abs(@)", Type::Int),
            ("make_date(2013, @, 1)", Type::Date),
            ("DATE '2013-01-01' + @", Type::Date),
            ("substring('abcdef', 2, @)", Type::Text),
            ("split_part('a,b,c', ',', @)", Type::Text),
            ("sqrt(@::double precision) > 1", Type::Bool),
            ("ln(@::double precision) >= 0", Type::Bool),
            ("power(@::double precision, 0.5) > 1", Type::Bool),
            ("factorial(@)::int", Type::Int),
        ],
        Type::Big => &[
            ("@ * 3000000000", Type::Big),
            ("@ + 9223372036854775800", Type::Big),
            ("@::int", Type::Int),
            ("10 / @", Type::Big),
            ("@ % #", Type::Big),
            ("@::smallint", Type::Small),
        ],
        Type::Double => &[
            ("@::int", Type::Int),
            ("@::bigint", Type::Big),
            ("1 / @", Type::Double),
            ("sqrt(@) > 1", Type::Bool),
            ("ln(@) > 0", Type::Bool),
            ("@ * '1e300'::double precision", Type::Double),
            ("@ + #", Type::Double),
            ("@::real", Type::Real),
        ],
        Type::Real => &[
            ("@ * '1e30'::real", Type::Real),
            ("@::smallint", Type::Small),
            ("1 / @", Type::Double),
        ],
        Type::Numeric => &[
            ("@::numeric(3,1)", Type::Numeric),
            ("@::int", Type::Int),
            ("(@ * 1000000000)::int", Type::Int),
            ("1 / @ > 0", Type::Bool),
            ("@::smallint", Type::Small),
            ("round(10 % @, 2)", Type::Other),
            ("sqrt(@) > 1", Type::Bool),
        ],
        // Of sixteen digits any is a bigint: as such it would be no condition that may fail.
        Type::Wide => &[("@::numeric(12,2)", Type::Numeric), ("(@ * 10000)::bigint", Type::Big)],
        Type::Text => &[
            ("@::int", Type::Int),
            ("@::bigint", Type::Big),
            ("@::smallint", Type::Small),
            ("@::numeric(6,2)", Type::Numeric),
            ("@::date", Type::Date),
            ("@::boolean", Type::Bool),
            ("@::double precision", Type::Double),
            ("@::timestamp", Type::Timestamp),
            ("@::uuid", Type::Uuid),
            ("substring(@, 1, length(@) - 2)", Type::Text),
            ("decode(@, 'hex')", Type::Bytea),
            ("10 / length(@)", Type::Int),
        ],
        Type::Date => &[("@ + 2000000000", Type::Date), ("@ - DATE '2013-01-01'", Type::Int)],
        Type::Timestamp => &[("@ + INTERVAL '290000 years'", Type::Timestamp)],
        Type::Interval => {
            &[("@ * 1000000000", Type::Interval), ("TIMESTAMP '2013-01-01' + @", Type::Timestamp)]
        }
        Type::Bool => &[("@::text::int", Type::Int), ("10 / @::int", Type::Int)],
        _ => &[],
    }
}

fn guarded(random: &mut Random, columns: &[Column]) -> Option<(String, Type)> {
    let guards: &[(Type, &str, Type)] = &[
        (Type::Int, "CASE WHEN @ <> 0 THEN 10 / @ END", Type::Int),
        (Type::Int, "CASE WHEN @ = 0 THEN 0 ELSE 100 % @ END", Type::Int),
        (Type::Int, "@ <> 0 AND 10 / @ > 1", Type::Bool),
        (Type::Int, "@ = 0 OR 10 / @ > 1", Type::Bool),
        (Type::Int, "NOT (@ = 0 OR 10 / @ > 1)", Type::Bool),
        (Type::Int, "coalesce(#, 10 / @)", Type::Int),
        (Type::Int, "10 / nullif(@, 0)", Type::Int),
        (Type::Int, "CASE @ WHEN 0 THEN NULL ELSE 10 / @ END", Type::Int),
        (Type::Int, "CASE WHEN @ <> 0 AND 10 / @ > 2 THEN 10 / (@ - 1) END", Type::Int),
        (Type::Text, "CASE WHEN @ ~ '^[0-9]+$' THEN @::int ELSE -1 END", Type::Int),
        (Type::Text, "@ ~ '^[0-9]{1,4}$' AND @::int > 1", Type::Bool),
        (Type::Double, "CASE WHEN @ > 0 THEN ln(@) > 0 END", Type::Bool),
        (Type::Double, "@ >= 0 AND sqrt(@) < 2", Type::Bool),
        (Type::Big, "CASE WHEN @ BETWEEN -5 AND 5 THEN @::smallint END", Type::Small),
        (Type::Numeric, "@ <> 0 AND 1 / @ > 0", Type::Bool),
    ];
    let has = |ty: Type| columns.iter().any(|column| column.ty == ty);
    let usable: Vec<_> = guards.iter().filter(|(ty, ..)| has(*ty)).collect();
    if usable.is_empty() {
        return None;
    }
    let (of, text, ty) = **random.pick(&usable);
    let same: Vec<&Column> = columns.iter().filter(|column| column.ty == of).collect();
    let (one, two) = (&random.pick(&same).name, &random.pick(&same).name);
    Some((text.replace('@', one).replace('#', two), ty))
}
