//! Types and names of expressions, each as PostgreSQL 15 tells them with `\\gdesc`.
use super::fixture::check_columns;

#[test]
fn expressions_have_the_types_and_names_that_postgresql_gives() {
    check_columns(CASES);
}

/// Queries over `every`, which has a column of each type; digits and lengths are left out.
const CASES: &[(&str, &str)] = &[
    ("SELECT 1, 2147483647, 2147483648, 9223372036854775808, 1.5, 1e3, .5, 1e-3", "?column? integer, ?column? integer, ?column? bigint, ?column? numeric, ?column? numeric, ?column? numeric, ?column? numeric, ?column? numeric"),
    ("SELECT 'a', NULL, true, DATE '2024-01-01', TIMESTAMP '2024-01-01', TIMESTAMPTZ '2024-01-01', INTERVAL '1 day', '1'::int, CAST('x' AS varchar(3)), '2'::char(3), 'c'::\"char\"", "?column? text, ?column? text, ?column? boolean, date date, timestamp timestamp without time zone, timestamptz timestamp with time zone, interval interval, int4 integer, varchar character varying, bpchar character, char \"char\""),
    ("SELECT i2 + i2, i2 + i4, i4 + i8, i2 + i8, i4 + nu, i8 + f4, f4 + f4, f4 + f8, nu + f8, nu + nu, i4 + f4 FROM every", "?column? smallint, ?column? integer, ?column? bigint, ?column? bigint, ?column? numeric, ?column? double precision, ?column? real, ?column? double precision, ?column? double precision, ?column? numeric, ?column? double precision"),
    ("SELECT i4 + 1, i8 + 1, i2 + 1, nu + 1, f4 + 1, f8 + 1, f4 + 1.5, i4 + 1.5, i2 * 2.0, i4 / 2, i4 % 3, nu / 3 FROM every", "?column? integer, ?column? bigint, ?column? integer, ?column? numeric, ?column? double precision, ?column? double precision, ?column? double precision, ?column? numeric, ?column? numeric, ?column? integer, ?column? integer, ?column? numeric"),
    
    
    ("SELECT 'a' + 1", "22P02: invalid input syntax for type integer: \"a\""),
    ("SELECT te + 1 FROM every", "42883: operator does not exist: text + integer"),
    ("SELECT te = 1 FROM every", "42883: operator does not exist: text = integer"),
    ("SELECT i4 = te FROM every", "42883: operator does not exist: integer = text"),
    ("SELECT bo = 1 FROM every", "42883: operator does not exist: boolean = integer"),
    ("SELECT i4 = 'x' FROM every", "22P02: invalid input syntax for type integer: \"x\""),
    
    ("SELECT - te FROM every", "42883: operator does not exist: - text"),
    ("SELECT - 1, - 2147483648, - 1.5, +1, -(1)", "?column? integer, ?column? integer, ?column? numeric, ?column? integer, ?column? integer"),
    
    ("SELECT da + 1.5 FROM every", "42883: operator does not exist: date + numeric"),
    ("SELECT ts + 1 FROM every", "42883: operator does not exist: timestamp without time zone + integer"),
    ("SELECT da = ts, ts = tz, da < tz, ti < ti, iv > iv, uu = uu, by = by, te < vc, vc = vc, ch = te, ch = 'a', na = te, na = 'x', oi = 1, oi = i4, rc = 1, rc = 'pg_class' FROM every", "22P02: invalid input syntax for type oid: \"pg_class\""),
    
    ("SELECT js = js FROM every", "42883: operator does not exist: json = json"),
    
    ("SELECT i4 LIKE 'a' FROM every", "42883: operator does not exist: integer ~~ unknown"),
    ("SELECT te BETWEEN 'a' AND 'b', i4 BETWEEN 1 AND 2.5, i4 NOT BETWEEN 1 AND 2, da BETWEEN '2024-01-01' AND '2024-02-01' FROM every", "?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean"),
    ("SELECT i4 IN (1,2), i4 IN (1, 2.5), te IN ('a'), i4 NOT IN (1,2), da IN ('2024-01-01') FROM every", "?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean"),
    ("SELECT i4 IN ('a') FROM every", "22P02: invalid input syntax for type integer: \"a\""),
    ("SELECT i4 IN (1, 'x') FROM every", "22P02: invalid input syntax for type integer: \"x\""),
    ("SELECT te IN (1, 2) FROM every", "42883: operator does not exist: text = integer"),
    ("SELECT CASE WHEN bo THEN 1 ELSE 2 END, CASE WHEN bo THEN 1 ELSE 2.5 END, CASE WHEN bo THEN i4 ELSE i8 END, CASE WHEN bo THEN 'a' END, CASE WHEN bo THEN NULL END, CASE i4 WHEN 1 THEN te ELSE vc END, CASE WHEN bo THEN da ELSE ts END, CASE WHEN bo THEN f4 ELSE nu END FROM every", "case integer, case numeric, i8 bigint, case text, case text, vc character varying, ts timestamp without time zone, nu real"),
    ("SELECT CASE WHEN bo THEN 1 ELSE te END FROM every", "42804: CASE types text and integer cannot be matched"),
    ("SELECT CASE WHEN bo THEN 1 ELSE true END FROM every", "42804: CASE types boolean and integer cannot be matched"),
    ("SELECT CASE i4 WHEN 'x' THEN 1 END FROM every", "22P02: invalid input syntax for type integer: \"x\""),
    ("SELECT CASE WHEN i4 THEN 1 END FROM every", "42804: argument of CASE/WHEN must be type boolean, not type integer"),
    ("SELECT CASE WHEN bo THEN i4 END, CASE WHEN bo THEN 1 ELSE i4 END FROM every", "case integer, i4 integer"),
    ("SELECT coalesce(i4, i8), coalesce(i4, 1.5), coalesce(te, 'x'), coalesce(NULL, 'x'), coalesce(vc, te), coalesce(da, ts), nullif(i4, 1), nullif(te, 'x'), nullif(i4, 1.5), greatest(i4, i8, 2), least(te, 'x'), greatest(1, 2.5), least(da, ts) FROM every", "coalesce bigint, coalesce numeric, coalesce text, coalesce text, coalesce character varying, coalesce timestamp without time zone, nullif integer, nullif text, nullif numeric, greatest bigint, least text, greatest numeric, least timestamp without time zone"),
    ("SELECT coalesce(i4, te) FROM every", "42804: COALESCE types integer and text cannot be matched"),
    ("SELECT coalesce(i4, 'x') FROM every", "22P02: invalid input syntax for type integer: \"x\""),
    ("SELECT i4 IS NULL, i4 IS NOT NULL, bo IS TRUE, bo IS NOT FALSE, bo IS UNKNOWN, i4 IS DISTINCT FROM 1, te IS NOT DISTINCT FROM NULL FROM every", "?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean"),
    ("SELECT i4 IS TRUE FROM every", "42804: argument of IS TRUE must be type boolean, not type integer"),
    ("SELECT NOT i4 FROM every", "42804: argument of NOT must be type boolean, not type integer"),
    ("SELECT i4 AND bo FROM every", "42804: argument of AND must be type boolean, not type integer"),
    ("SELECT bo AND 'x' FROM every", "22P02: invalid input syntax for type boolean: \"x\""),
    ("SELECT bo OR te FROM every", "42804: argument of OR must be type boolean, not type text"),
    ("SELECT i4::text, i4::numeric, nu::int, te::int, te::date, i4::bool, da::timestamp, ts::date, tz::date, te::varchar(3), i4::varchar FROM every", "i4 text, i4 numeric, nu integer, te integer, te date, i4 boolean, da timestamp without time zone, ts date, tz date, te character varying, i4 character varying"),
    ("SELECT i8::bool FROM every", "42846: cannot cast type bigint to boolean"),
    ("SELECT da::int FROM every", "42846: cannot cast type date to integer"),
    ("SELECT bo::int, i4::numeric(10,2), nu::numeric(5,1), iv::text, uu::text FROM every", "bo integer, i4 numeric, nu numeric, iv text, uu text"),
    ("SELECT '1'::numeric(10,2), '2024-01-01'::date, 'x'::name, '{1,2}'::int[], '1 day'::interval, 't'::bool", "numeric numeric, date date, name name, int4 integer[], interval interval, bool boolean"),
    ("SELECT 'x'::int", "22P02: invalid input syntax for type integer: \"x\""),
    ("SELECT 'x'::nosuch", "42704: type \"nosuch\" does not exist"),
    
    
    ("SELECT min(i2), max(te), min(vc), max(ch), min(da), max(ts), min(tz), max(iv), min(nu), max(oi) FROM every", "min smallint, max text, min text, max character, min date, max timestamp without time zone, min timestamp with time zone, max interval, min numeric, max oid"),
    ("SELECT count(*), count(i4), count(DISTINCT te), bool_and(bo), bool_or(bo), every(bo) FROM every", "count bigint, count bigint, count bigint, bool_and boolean, bool_or boolean, every boolean"),
    
    ("SELECT sum(te) FROM every", "42883: function sum(text) does not exist"),
    ("SELECT sum('1')", "42725: function sum(unknown) is not unique"),
    ("SELECT min(bo) FROM every", "42883: function min(boolean) does not exist"),
    ("SELECT max(uu) FROM every", "42883: function max(uuid) does not exist"),
    ("SELECT count() FROM every", "42809: count(*) must be used to call a parameterless aggregate function"),
    
    
    ("SELECT round(f8, 2) FROM every", "42883: function round(double precision, integer) does not exist"),
    ("SELECT lower(i4) FROM every", "42883: function lower(integer) does not exist"),
    ("SELECT nosuch(1)", "42883: function nosuch(integer) does not exist"),
    
    
    
    
    
    
    
    
    
    ("SELECT row_number() OVER (), rank() OVER (ORDER BY i4), dense_rank() OVER (ORDER BY i4), lag(i4) OVER (ORDER BY i4), lead(te, 1, 'x') OVER (ORDER BY i4), first_value(nu) OVER (ORDER BY i4), ntile(4) OVER (ORDER BY i4), sum(i4) OVER (), count(*) OVER (PARTITION BY te), percent_rank() OVER (ORDER BY i4) FROM every", "row_number bigint, rank bigint, dense_rank bigint, lag integer, lead text, first_value numeric, ntile integer, sum bigint, count bigint, percent_rank double precision"),
    ("SELECT (SELECT 1), (SELECT i4 FROM every LIMIT 1), EXISTS (SELECT 1), i4 IN (SELECT i8 FROM every), (1, 2) = (3, 4) FROM every", "?column? integer, i4 integer, exists boolean, ?column? boolean, ?column? boolean"),
    ("SELECT te COLLATE \"C\", te COLLATE pg_catalog.\"default\" FROM every", "te text, te text"),
    ("SELECT i4 COLLATE \"C\" FROM every", "42804: collations are not supported by type integer"),
    
    
    ("SELECT float8(i4), text(i4), int4(te), date(ts), int4(nu) FROM every", "float8 double precision, text text, int4 integer, date date, int4 integer"),
    ("SELECT bo = 't', bo < bo, bo <> false FROM every", "?column? boolean, ?column? boolean, ?column? boolean"),
    ("SELECT 1 < 2.5, '1' < 2, 'a' < 'b', NULL = NULL, 1 = NULL", "?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean"),
    ("SELECT random(), pi(), gen_random_uuid()", "random double precision, pi double precision, gen_random_uuid uuid"),
    ("SELECT (i4), ((te)) FROM every", "i4 integer, te text"),
    
    ("SELECT i4 % 2 = 0, NOT bo OR bo AND bo, 1 + 2 * 3 FROM every", "?column? boolean, ?column? boolean, ?column? integer"),
];
