-- What the oracle adds to PostgreSQL: exact sums of floats, and views filled row by row.
CREATE SCHEMA oracle;

-- Powers of two, exactly.
CREATE TABLE oracle.powers (exponent int PRIMARY KEY, value numeric NOT NULL);
DO $$
DECLARE up numeric := 1; down numeric := 1;
BEGIN
  FOR n IN 0..1100 LOOP
    INSERT INTO oracle.powers VALUES (n, up), (-n - 1, down * 0.5);
    up := up * 2;
    down := down * 0.5;
  END LOOP;
END $$;

-- The decimal expansion of a finite float.
CREATE FUNCTION oracle.exact(value float8) RETURNS numeric LANGUAGE plpgsql STABLE AS $$
DECLARE
  bits bigint := ('x' || encode(float8send(value), 'hex'))::bit(64)::bigint;
  field int := (bits >> 52) & 2047;
  fraction bigint := bits & 4503599627370495;
  step numeric;
BEGIN
  IF field > 0 THEN fraction := fraction + 4503599627370496; END IF;
  SELECT p.value INTO step FROM oracle.powers p WHERE exponent = greatest(field, 1) - 1075;
  RETURN CASE WHEN bits < 0 THEN -fraction ELSE fraction END * step;
END $$;

CREATE TYPE oracle.total AS (n bigint, nans bigint, ups bigint, downs bigint, sum numeric);

CREATE FUNCTION oracle.add(t oracle.total, value float8) RETURNS oracle.total
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF value IS NULL THEN RETURN t; END IF;
  t.n := t.n + 1;
  IF value = 'NaN' THEN t.nans := t.nans + 1;
  ELSIF value = 'inf' THEN t.ups := t.ups + 1;
  ELSIF value = '-inf' THEN t.downs := t.downs + 1;
  ELSE t.sum := t.sum + oracle.exact(value);
  END IF;
  RETURN t;
END $$;

CREATE FUNCTION oracle.add(t oracle.total, value float4) RETURNS oracle.total
LANGUAGE sql STABLE AS $$ SELECT oracle.add(t, value::float8) $$;

CREATE FUNCTION oracle.special(t oracle.total) RETURNS float8 LANGUAGE sql AS $$
  SELECT CASE WHEN t.nans > 0 OR (t.ups > 0 AND t.downs > 0) THEN 'NaN'::float8
    WHEN t.ups > 0 THEN 'inf' WHEN t.downs > 0 THEN '-inf' END
$$;

CREATE FUNCTION oracle.sum8(t oracle.total) RETURNS float8 LANGUAGE plpgsql AS $$
BEGIN
  IF t.n = 0 THEN RETURN NULL; END IF;
  RETURN coalesce(oracle.special(t), t.sum::float8);
END $$;

CREATE FUNCTION oracle.sum4(t oracle.total) RETURNS float4 LANGUAGE plpgsql AS $$
BEGIN
  IF t.n = 0 THEN RETURN NULL; END IF;
  RETURN coalesce(oracle.special(t)::float4, t.sum::float4);
END $$;

-- Rounded once: the quotient has digits enough to tell any tie.
CREATE FUNCTION oracle.mean(t oracle.total) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE mean numeric;
BEGIN
  IF t.n = 0 THEN RETURN NULL; END IF;
  IF oracle.special(t) IS NOT NULL THEN RETURN oracle.special(t); END IF;
  mean := round(t.sum, 1300) / t.n;
  IF abs(mean) <= (SELECT value FROM oracle.powers WHERE exponent = -1075) THEN RETURN 0; END IF;
  RETURN mean::float8;
END $$;

-- These stand before PostgreSQL's own in the search path.
CREATE AGGREGATE oracle.sum(float8) (SFUNC = oracle.add, STYPE = oracle.total,
  INITCOND = '(0,0,0,0,0)', FINALFUNC = oracle.sum8);
CREATE AGGREGATE oracle.sum(float4) (SFUNC = oracle.add, STYPE = oracle.total,
  INITCOND = '(0,0,0,0,0)', FINALFUNC = oracle.sum4);
CREATE AGGREGATE oracle.avg(float8) (SFUNC = oracle.add, STYPE = oracle.total,
  INITCOND = '(0,0,0,0,0)', FINALFUNC = oracle.mean);
CREATE AGGREGATE oracle.avg(float4) (SFUNC = oracle.add, STYPE = oracle.total,
  INITCOND = '(0,0,0,0,0)', FINALFUNC = oracle.mean);

-- What fails now: a line a row, a pair or a group.
CREATE TABLE oracle.failures (view text NOT NULL, code text NOT NULL);

-- The rows of `base` that pass `condition` and on which none of `parts` fails. Where some
-- fail, the rows are halved until the culprits stand alone.
CREATE FUNCTION oracle.good(name text, base text, sides text, condition text, parts text)
RETURNS int[] LANGUAGE plpgsql AS $$
DECLARE
  good int[] := '{}'; passed int[]; seen text[];
  froms int[] := '{1}'; tos int[]; low int; high int;
BEGIN
  EXECUTE format('SELECT coalesce(max(n), 0) FROM %I', base) INTO high;
  tos := ARRAY[high];
  WHILE cardinality(froms) > 0 LOOP
    low := froms[cardinality(froms)];
    high := tos[cardinality(tos)];
    froms := froms[:cardinality(froms) - 1];
    tos := tos[:cardinality(tos) - 1];
    CONTINUE WHEN high < low;
    BEGIN
      EXECUTE format(
        'SELECT array_agg(b.n), array_agg(ROW(%s)::text)
         FROM (SELECT * FROM %I WHERE n BETWEEN %s AND %s OFFSET 0) AS b %s WHERE %s',
        parts, base, low, high, sides, condition) INTO passed, seen;
      good := good || coalesce(passed, '{}');
    EXCEPTION WHEN OTHERS THEN
      IF SQLSTATE LIKE '42%' THEN RAISE; END IF;
      IF low = high THEN
        INSERT INTO oracle.failures VALUES (name, SQLSTATE);
      ELSE
        froms := froms || ((low + high) / 2 + 1) || low;
        tos := tos || high || ((low + high) / 2);
      END IF;
    END;
  END LOOP;
  RETURN good;
END $$;

-- Fills the table of a view from those pairs of `base` that are good: at once, or group by
-- group, where one that fails is left out.
CREATE FUNCTION oracle.fill(name text, base text, sides text, good int[], keys text, final text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE members int[];
BEGIN
  IF keys IS NULL THEN
    EXECUTE format('INSERT INTO %I %s', name, final) USING good;
    RETURN;
  END IF;
  FOR members IN EXECUTE format(
    'SELECT array_agg(b.n) FROM (SELECT * FROM %I WHERE n = ANY($1) OFFSET 0) AS b %s %s',
    base, sides, keys) USING good
  LOOP
    BEGIN
      EXECUTE format('INSERT INTO %I %s', name, final) USING coalesce(members, '{}');
    EXCEPTION WHEN OTHERS THEN
      IF SQLSTATE LIKE '42%' THEN RAISE; END IF;
      INSERT INTO oracle.failures VALUES (name, SQLSTATE);
    END;
  END LOOP;
END $$;
