//! The tables shipped with Anlan are read without a fault.

use anlan_model::calendars::Calendar;
use anlan_model::deadlines::DeadlineTable;
use anlan_model::procedures::Procedure;

fn read<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn procedure_calendar_and_deadlines_are_whole() {
    assert_eq!(read(Procedure::standard()).states().len(), 11);
    assert_eq!(read(Calendar::china()).zone_name(), "Asia/Shanghai");
    assert_eq!(read(DeadlineTable::demo()).name(), "demo");
}
