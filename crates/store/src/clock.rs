//! The database's clocks, as expressions. No other clock is read in this crate.

diesel::define_sql_function! {
    /// The time at which the transaction began.
    fn now() -> diesel::sql_types::Timestamptz;
}

diesel::define_sql_function! {
    /// The time at this moment, also within a long transaction.
    fn clock_timestamp() -> diesel::sql_types::Timestamptz;
}

diesel::define_sql_function! {
    /// A time that is earlier by an interval.
    #[sql_name = "timestamptz_mi_interval"]
    fn earlier(at: diesel::sql_types::Timestamptz, by: diesel::sql_types::Interval)
        -> diesel::sql_types::Timestamptz;
}

diesel::define_sql_function! {
    /// A time that is later by an interval.
    #[sql_name = "timestamptz_pl_interval"]
    fn later(at: diesel::sql_types::Timestamptz, by: diesel::sql_types::Interval)
        -> diesel::sql_types::Timestamptz;
}
