CREATE TABLE IF NOT EXISTS airlines (
  carrier text PRIMARY KEY,
  name text NOT NULL
);

CREATE TABLE IF NOT EXISTS airports (
  faa text PRIMARY KEY,
  name text NOT NULL,
  lat double precision,
  lon double precision,
  alt integer,
  tz integer,
  dst text,
  tzone text
);

CREATE TABLE IF NOT EXISTS planes (
  tailnum text PRIMARY KEY,
  year integer,
  type text,
  manufacturer text,
  model text,
  engines integer,
  seats integer,
  speed integer,
  engine text
);

CREATE STREAM IF NOT EXISTS flights (
  scheduled timestamptz,
  carrier text,
  flight integer,
  tailnum text,
  origin text,
  dest text,
  dep_delay integer,
  arr_delay integer,
  air_time integer,
  distance integer
);

CREATE STREAM IF NOT EXISTS weather (
  observed timestamptz,
  origin text,
  temp double precision,
  dewp double precision,
  humid double precision,
  wind_dir integer,
  wind_speed double precision,
  wind_gust double precision,
  precip double precision,
  pressure double precision,
  visib double precision
);

CREATE CONTINUOUS VIEW IF NOT EXISTS carrier_delays AS
SELECT carrier,
       count(*) AS flights,
       count(*) FILTER (WHERE dep_delay IS NULL) AS cancelled,
       avg(dep_delay) AS average_delay,
       max(dep_delay) AS longest_delay
FROM flights
GROUP BY carrier;

CREATE CONTINUOUS VIEW IF NOT EXISTS busiest_routes AS
SELECT origin, dest, count(*) AS flights
FROM flights
GROUP BY origin, dest
ORDER BY flights DESC
LIMIT 10;

CREATE CONTINUOUS VIEW IF NOT EXISTS late_planes AS
SELECT tailnum, count(*) AS late_flights, max(arr_delay) AS worst
FROM flights
WHERE arr_delay > 60
GROUP BY tailnum
HAVING count(*) >= 3;

CREATE CONTINUOUS VIEW IF NOT EXISTS worst_weather AS
SELECT origin, observed, temp, wind_speed, precip, visib
FROM (
  SELECT origin, observed, temp, wind_speed, precip, visib,
         row_number() OVER (PARTITION BY origin ORDER BY observed DESC) AS age
  FROM weather
) latest
WHERE age = 1
ORDER BY visib, wind_speed DESC
LIMIT 3;

CREATE CONTINUOUS VIEW IF NOT EXISTS flight_details AS
SELECT f.scheduled, l.name AS airline, f.flight, f.origin, f.dest,
       p.manufacturer, p.model, p.seats, f.dep_delay, f.arr_delay
FROM flights f
JOIN airlines l ON l.carrier = f.carrier
LEFT JOIN planes p ON p.tailnum = f.tailnum;
