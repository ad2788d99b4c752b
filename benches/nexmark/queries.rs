//! Nexmark's queries as continuous views, with what PostgreSQL says they hold.
//!
//! Windows are table functions here and `date_bin` in PostgreSQL. Left out, as views do not
//! have them yet: q6 (a mean over the last ten rows), q10 (a sink of files), q11 and q12
//! (windows of sessions, of processing time), q21 (a regular expression's group).

/// One query.
pub struct Query {
    pub name: &'static str,
    /// The streams it reads.
    pub reads: &'static [&'static str],
    /// The view's SELECT.
    pub view: &'static str,
    /// What PostgreSQL is asked instead, where it has other words for it.
    pub reference: Option<&'static str>,
    /// Columns to compare: means are written with more digits here.
    pub compared: &'static str,
}

/// What the queries read, in either dialect but for the first words.
pub const STREAMS: [(&str, &str); 3] = [
    (
        "person",
        "id bigint, name text, email_address text, credit_card text, city text, state text, \
         date_time timestamp, extra text",
    ),
    (
        "auction",
        "id bigint, item_name text, description text, initial_bid bigint, reserve bigint, \
         date_time timestamp, expires timestamp, seller bigint, category bigint, extra text",
    ),
    (
        "bid",
        "auction bigint, bidder bigint, price bigint, channel text, url text, \
         date_time timestamp, extra text",
    ),
];

/// The table that q13 looks values up in.
pub const SIDE_INPUT: &str = "CREATE TABLE side_input (key bigint PRIMARY KEY, value text)";

/// Its rows, as lines of COPY's text format.
pub fn side_rows() -> impl Iterator<Item = String> {
    (0..10_000).map(|key| format!("{key}\tvalue {key}"))
}

const fn plain(name: &'static str, reads: &'static [&'static str], view: &'static str) -> Query {
    Query { name, reads, view, reference: None, compared: "*" }
}

/// All of them.
pub const QUERIES: [Query; 18] = [
    plain("q0", &["bid"], "SELECT auction, bidder, price, date_time, extra FROM bid"),
    plain(
        "q1",
        &["bid"],
        "SELECT auction, bidder, 0.908 * price AS price, date_time, extra FROM bid",
    ),
    plain("q2", &["bid"], "SELECT auction, price FROM bid WHERE mod(auction, 123) = 0"),
    plain(
        "q3",
        &["person", "auction"],
        "SELECT p.name, p.city, p.state, a.id FROM auction AS a JOIN person AS p \
         ON a.seller = p.id \
         WHERE a.category = 10 AND (p.state = 'or' OR p.state = 'id' OR p.state = 'ca')",
    ),
    Query {
        compared: "category, round(final, 6)",
        ..plain(
            "q4",
            &["auction", "bid"],
            "SELECT q.category, avg(q.final) AS final FROM \
             (SELECT max(b.price) AS final, a.category FROM auction AS a, bid AS b \
              WHERE a.id = b.auction AND b.date_time BETWEEN a.date_time AND a.expires \
              GROUP BY a.id, a.category) AS q GROUP BY q.category",
        )
    },
    Query {
        reference: Some(
            "WITH counts AS (SELECT auction, count(*) AS num, \
               date_bin('2 s', date_time, '2000-01-01') - i * interval '2 s' AS w \
              FROM bid CROSS JOIN generate_series(0, 4) AS g (i) GROUP BY auction, w) \
             SELECT auction, num FROM counts \
             JOIN (SELECT max(num) AS most, w FROM counts GROUP BY w) AS m \
             ON counts.w = m.w AND num >= most",
        ),
        ..plain(
            "q5",
            &["bid"],
            "SELECT a.auction, a.num FROM \
             (SELECT auction, count(*) AS num, window_start FROM \
               HOP(bid, date_time, INTERVAL '2 seconds', INTERVAL '10 seconds') \
               GROUP BY auction, window_start) AS a \
             JOIN (SELECT max(num) AS most, window_start FROM \
               (SELECT auction, count(*) AS num, window_start FROM \
                 HOP(bid, date_time, INTERVAL '2 seconds', INTERVAL '10 seconds') \
                 GROUP BY auction, window_start) AS c GROUP BY window_start) AS m \
             ON a.window_start = m.window_start AND a.num >= m.most",
        )
    },
    Query {
        reference: Some(
            "SELECT b.auction, b.price, b.bidder, b.date_time, b.extra FROM bid AS b \
             JOIN (SELECT max(price) AS most, \
                date_bin('10 s', date_time, '2000-01-01') AS w FROM bid GROUP BY w) AS m \
             ON b.price = m.most AND b.date_time >= w AND b.date_time < w + interval '10 s'",
        ),
        ..plain(
            "q7",
            &["bid"],
            "SELECT b.auction, b.price, b.bidder, b.date_time, b.extra FROM bid AS b \
             JOIN (SELECT max(price) AS most, window_start, window_end FROM \
               TUMBLE(bid, date_time, INTERVAL '10 seconds') \
               GROUP BY window_start, window_end) AS m \
             ON b.price = m.most \
             AND b.date_time >= m.window_start AND b.date_time < m.window_end",
        )
    },
    Query {
        reference: Some(
            "SELECT DISTINCT p.id, p.name, p.w FROM \
             (SELECT id, name, date_bin('10 s', date_time, '2000-01-01') AS w FROM person) AS p \
             JOIN (SELECT seller, date_bin('10 s', date_time, '2000-01-01') AS w FROM auction) \
             AS a ON p.id = a.seller AND p.w = a.w",
        ),
        ..plain(
            "q8",
            &["person", "auction"],
            "SELECT p.id, p.name, p.window_start FROM \
             (SELECT id, name, window_start FROM \
               TUMBLE(person, date_time, INTERVAL '10 seconds') \
               GROUP BY id, name, window_start) AS p \
             JOIN (SELECT seller, window_start FROM \
               TUMBLE(auction, date_time, INTERVAL '10 seconds') \
               GROUP BY seller, window_start) AS a \
             ON p.id = a.seller AND p.window_start = a.window_start",
        )
    },
    plain(
        "q9",
        &["auction", "bid"],
        "SELECT id, item_name, description, initial_bid, reserve, date_time, expires, seller, \
         category, extra, auction, bidder, price, bid_date_time, bid_extra FROM \
         (SELECT a.*, b.auction, b.bidder, b.price, b.date_time AS bid_date_time, \
            b.extra AS bid_extra, row_number() OVER (PARTITION BY a.id \
            ORDER BY b.price DESC, b.date_time, b.bidder, b.extra) AS number \
          FROM auction AS a, bid AS b WHERE a.id = b.auction \
          AND b.date_time BETWEEN a.date_time AND a.expires) AS n WHERE number <= 1",
    ),
    plain(
        "q13",
        &["bid"],
        "SELECT b.auction, b.bidder, b.price, b.date_time, s.value FROM bid AS b \
         JOIN side_input AS s ON mod(b.auction, 10000) = s.key",
    ),
    plain(
        "q14",
        &["bid"],
        "SELECT auction, bidder, 0.908 * price AS price, \
         CASE WHEN extract(hour FROM date_time) >= 8 AND extract(hour FROM date_time) <= 18 \
              THEN 'dayTime' \
              WHEN extract(hour FROM date_time) <= 6 OR extract(hour FROM date_time) >= 20 \
              THEN 'nightTime' ELSE 'otherTime' END AS bid_time_type, \
         date_time, extra, length(extra) - length(replace(extra, 'c', '')) AS c_counts \
         FROM bid WHERE 0.908 * price > 1000000 AND 0.908 * price < 50000000",
    ),
    plain(
        "q15",
        &["bid"],
        "SELECT date_time::date AS day, count(*) AS total_bids, \
         count(*) FILTER (WHERE price < 10000) AS rank1_bids, \
         count(*) FILTER (WHERE price >= 10000 AND price < 1000000) AS rank2_bids, \
         count(*) FILTER (WHERE price >= 1000000) AS rank3_bids, \
         count(DISTINCT bidder) AS total_bidders, \
         count(DISTINCT bidder) FILTER (WHERE price < 10000) AS rank1_bidders, \
         count(DISTINCT bidder) FILTER (WHERE price >= 10000 AND price < 1000000) \
           AS rank2_bidders, \
         count(DISTINCT bidder) FILTER (WHERE price >= 1000000) AS rank3_bidders, \
         count(DISTINCT auction) AS total_auctions, \
         count(DISTINCT auction) FILTER (WHERE price < 10000) AS rank1_auctions, \
         count(DISTINCT auction) FILTER (WHERE price >= 10000 AND price < 1000000) \
           AS rank2_auctions, \
         count(DISTINCT auction) FILTER (WHERE price >= 1000000) AS rank3_auctions \
         FROM bid GROUP BY date_time::date",
    ),
    plain(
        "q16",
        &["bid"],
        "SELECT channel, date_time::date AS day, max(date_time::time) AS last, \
         count(*) AS total_bids, \
         count(*) FILTER (WHERE price < 10000) AS rank1_bids, \
         count(*) FILTER (WHERE price >= 10000 AND price < 1000000) AS rank2_bids, \
         count(*) FILTER (WHERE price >= 1000000) AS rank3_bids, \
         count(DISTINCT bidder) AS total_bidders, \
         count(DISTINCT bidder) FILTER (WHERE price < 10000) AS rank1_bidders, \
         count(DISTINCT auction) AS total_auctions, \
         count(DISTINCT auction) FILTER (WHERE price < 10000) AS rank1_auctions \
         FROM bid GROUP BY channel, date_time::date",
    ),
    Query {
        compared: "auction, day, total_bids, rank1_bids, rank2_bids, rank3_bids, min_price, \
                   max_price, round(avg_price, 6), sum_price",
        ..plain(
            "q17",
            &["bid"],
            "SELECT auction, date_time::date AS day, count(*) AS total_bids, \
             count(*) FILTER (WHERE price < 10000) AS rank1_bids, \
             count(*) FILTER (WHERE price >= 10000 AND price < 1000000) AS rank2_bids, \
             count(*) FILTER (WHERE price >= 1000000) AS rank3_bids, \
             min(price) AS min_price, max(price) AS max_price, avg(price) AS avg_price, \
             sum(price) AS sum_price FROM bid GROUP BY auction, date_time::date",
        )
    },
    plain(
        "q18",
        &["bid"],
        "SELECT auction, bidder, price, channel, url, date_time, extra FROM \
         (SELECT *, row_number() OVER (PARTITION BY bidder, auction \
            ORDER BY date_time DESC, price, channel, url, extra) AS number FROM bid) AS n \
         WHERE number <= 1",
    ),
    plain(
        "q19",
        &["bid"],
        "SELECT auction, bidder, price, channel, url, date_time, extra, number FROM \
         (SELECT *, row_number() OVER (PARTITION BY auction \
            ORDER BY price DESC, bidder, channel, url, date_time, extra) AS number FROM bid) \
         AS n WHERE number <= 10",
    ),
    plain(
        "q20",
        &["auction", "bid"],
        "SELECT b.auction, b.bidder, b.price, b.channel, b.url, b.date_time, b.extra, \
         a.item_name, a.description, a.initial_bid, a.reserve, a.date_time AS auction_date_time, \
         a.expires, a.seller, a.category, a.extra AS auction_extra \
         FROM bid AS b JOIN auction AS a ON b.auction = a.id WHERE a.category = 10",
    ),
    plain(
        "q22",
        &["bid"],
        "SELECT auction, bidder, price, channel, split_part(url, '/', 4) AS dir1, \
         split_part(url, '/', 5) AS dir2, split_part(url, '/', 6) AS dir3 FROM bid",
    ),
];
