//! pg_type, pg_proc, pg_operator, pg_cast: what values there are, what can be done with them.
use crate::Result;
use crate::catalog::system::classes::schema_oid;
use crate::catalog::system::procedures::PROCEDURES;
use crate::catalog::system::roles::OWNER_OID;
use crate::catalog::system::table::Table;
use crate::catalog::system::types::FORMS;
use crate::catalog::system::{Cell, SystemView};
use crate::functions::{CastContext, can_cast};
use crate::types::Type;

/// The one language there is.
const LANGUAGE_OID: i64 = 12;

/// pg_type
pub(super) fn types(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    let namespace = schema_oid(view.catalog, "pg_catalog");
    for form in FORMS.iter() {
        let [input, output, receive, send] = form.functions;
        table.row([
            ("oid", form.oid.into()),
            ("typname", form.name.into()),
            ("typnamespace", namespace.into()),
            ("typowner", OWNER_OID.into()),
            ("typlen", form.length.into()),
            ("typbyval", form.by_value.into()),
            ("typtype", form.kind.into()),
            ("typcategory", form.category.into()),
            ("typispreferred", form.preferred.into()),
            ("typisdefined", true.into()),
            ("typdelim", ','.into()),
            ("typelem", form.element.into()),
            ("typarray", form.array.into()),
            ("typinput", input.into()),
            ("typoutput", output.into()),
            ("typreceive", receive.into()),
            ("typsend", send.into()),
            ("typalign", form.align.into()),
            ("typstorage", form.storage.into()),
            ("typtypmod", (-1_i64).into()),
            ("typcollation", form.collation.into()),
        ])?;
    }
    Ok(())
}

/// pg_proc
pub(super) fn procedures(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    let namespace = schema_oid(view.catalog, "pg_catalog");
    for procedure in PROCEDURES.iter().filter(|procedure| procedure.kind != 'o') {
        table.row([
            ("oid", procedure.oid.into()),
            ("proname", procedure.name.into()),
            ("pronamespace", namespace.into()),
            ("proowner", OWNER_OID.into()),
            ("prolang", LANGUAGE_OID.into()),
            ("procost", Cell::Float(1.0)),
            ("prokind", procedure.kind.into()),
            ("provolatile", procedure.volatility.into()),
            ("proparallel", 's'.into()),
            ("pronargs", procedure.arguments.len().into()),
            ("prorettype", procedure.result.into()),
            ("proargtypes", procedure.arguments.clone().into()),
            ("prosrc", procedure.name.into()),
        ])?;
    }
    Ok(())
}

/// pg_language
pub(super) fn language(_: &SystemView<'_>, table: &mut Table) -> Result<()> {
    table.row([
        ("oid", LANGUAGE_OID.into()),
        ("lanname", "internal".into()),
        ("lanowner", OWNER_OID.into()),
    ])
}

/// pg_operator
pub(super) fn operators(view: &SystemView<'_>, table: &mut Table) -> Result<()> {
    let namespace = schema_oid(view.catalog, "pg_catalog");
    for procedure in PROCEDURES.iter().filter(|procedure| procedure.kind == 'o') {
        let (left, right) = match procedure.arguments.as_slice() {
            [right] => (0, *right),
            [left, right] => (*left, *right),
            _ => continue,
        };
        table.row([
            ("oid", procedure.oid.into()),
            ("oprname", procedure.name.into()),
            ("oprnamespace", namespace.into()),
            ("oprowner", OWNER_OID.into()),
            ("oprkind", if left == 0 { 'l' } else { 'b' }.into()),
            ("oprleft", left.into()),
            ("oprright", right.into()),
            ("oprresult", procedure.result.into()),
        ])?;
    }
    Ok(())
}

/// pg_cast: of plain types, those that need not go through text.
pub(super) fn casts(_: &SystemView<'_>, table: &mut Table) -> Result<()> {
    let types: Vec<Type> = FORMS
        .iter()
        .filter(|form| form.kind == "b" && form.category != "A")
        .filter_map(|form| Type::of_oid(u32::try_from(form.oid).ok()?))
        .collect();
    let is_text = |ty: &Type| ty.is_text();
    let mut oid = 0_i64;
    for (from, to) in types.iter().flat_map(|from| types.iter().map(move |to| (from, to))) {
        let only_through_text = is_text(from) != is_text(to)
            && !can_cast(from, to, CastContext::Implicit)
            && *from != Type::ByteChar
            && *to != Type::ByteChar;
        if from == to || only_through_text {
            continue;
        }
        let contexts = [
            (CastContext::Implicit, 'i'),
            (CastContext::Assignment, 'a'),
            (CastContext::Explicit, 'e'),
        ];
        let Some((_, context)) = contexts.iter().find(|one| can_cast(from, to, one.0)) else {
            continue;
        };
        oid += 1;
        table.row([
            ("oid", oid.into()),
            ("castsource", i64::from(from.oid()).into()),
            ("casttarget", i64::from(to.oid()).into()),
            ("castcontext", (*context).into()),
            ("castmethod", 'f'.into()),
        ])?;
    }
    Ok(())
}
