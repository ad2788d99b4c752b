//! Statements of unusual size: bound, or refused with 54001.
use super::fixture::bind;

/// Deep statements need the deep stack that a session binds on.
fn on_a_deep_stack(run: impl FnOnce() + Send + 'static) {
    const STACK_BYTES: usize = 256 << 20;
    std::thread::Builder::new().stack_size(STACK_BYTES).spawn(run).unwrap().join().unwrap();
}

fn outcome(sql: &str) -> &'static str {
    match bind(sql) {
        Ok(_) => "bound",
        Err(error) => error.code(),
    }
}

#[test]
fn large_statements_are_bound_or_refused() {
    on_a_deep_stack(|| {
        let or = format!("SELECT a FROM t WHERE a = 1{}", " OR a = 1".repeat(2_000));
        assert_eq!(outcome(&or), "bound");
        let sum = format!("SELECT a{} FROM t", " + 1".repeat(900));
        assert_eq!(outcome(&sum), "bound");
        let sum = format!("SELECT a{} FROM t", " + 1".repeat(1_100));
        assert_eq!(outcome(&sum), "54001");
        let nested = format!("SELECT {}a{} FROM t", "(".repeat(100), ")".repeat(100));
        assert_eq!(outcome(&nested), "bound");
        let list = format!("SELECT a FROM t WHERE a IN (1{})", ", 2".repeat(5_000));
        assert_eq!(outcome(&list), "bound");
        let union = format!("SELECT 1{}", " UNION ALL SELECT 2".repeat(400));
        assert_eq!(outcome(&union), "bound");
        let union = format!("SELECT 1{}", " UNION ALL SELECT 2".repeat(600));
        assert_eq!(outcome(&union), "54001");
        let joins = format!("SELECT 1 FROM t t0{}", {
            let joins: Vec<String> = (1..300).map(|n| format!(" JOIN t t{n} USING (id)")).collect();
            joins.concat()
        });
        assert_eq!(outcome(&joins), "bound");
    });
}

#[test]
fn queries_of_with_that_double_each_other_are_refused() {
    on_a_deep_stack(|| {
        let mut sql = "WITH w0 AS (SELECT 1 AS a)".to_owned();
        for n in 1..40 {
            let before = n - 1;
            sql.push_str(&format!(", w{n} AS (SELECT x.a FROM w{before} x, w{before} y)"));
        }
        sql.push_str(" SELECT * FROM w39");
        assert_eq!(outcome(&sql), "54001");
    });
}
