//! One thing wrong at a time: which file, line and field are named, and what is said to do about it.

use crate::small::Small;
use anlan_intake::satscan::Weight;

struct Wrong {
    what: Small,
    says: &'static str,
}

fn wrong(what: Small, says: &'static str) -> Wrong {
    Wrong { what, says }
}

fn file(name: &str, text: &str) -> Small {
    Small::new().with(name, text.as_bytes())
}

/// In the case file.
fn cases() -> Vec<Wrong> {
    vec![
        wrong(
            Small::new().without("a.cas"),
            "a.prm:2: error [file.missing] CaseFile \"a.cas\"",
        ),
        wrong(file("a.cas", ""), "a.cas: error [file.empty]"),
        wrong(
            file("a.cas", "east 2\n"),
            "a.cas:1: error [columns.count]: The line has 2 of the 3 fields needed.",
        ),
        wrong(
            file("a.cas", "\"east 2 2024/3/1\n"),
            "a.cas:1: error [columns.count]: A quote is opened",
        ),
        wrong(
            file("a.cas", "east -2 2024/3/1\n"),
            "a.cas:1: error [count.negative] count \"-2\"",
        ),
        wrong(
            file("a.cas", "east 1 2024/3/1\neast 1.5 2024/3/1\n"),
            "a.cas:2: error [count.fraction] count \"1.5\"",
        ),
        wrong(
            file("a.cas", "east few 2024/3/1\n"),
            "a.cas:1: error [count.form] count \"few\"",
        ),
        wrong(
            file("a.cas", "east 3000000000 2024/3/1\n"),
            "error [count.large] count \"3000000000\"",
        ),
        wrong(
            file("a.cas", "east 2000000000 2024/3/1\nwest 2000000000 2024/3/1\n"),
            "a.cas:2: error [count.total]",
        ),
        wrong(
            file("a.cas", "east 1 2023/12/31\n"),
            "a.cas:1: error [date.outside] time \"2023/12/31\"",
        ),
        wrong(
            file("a.cas", "east 1 2024/2/30\n"),
            "error [date.form] time \"2024/2/30\": There is no such day.",
        ),
        wrong(
            file("a.cas", "east 1 March\n"),
            "error [date.form] time \"March\": That is no date.",
        ),
        wrong(
            file("a.cas", "east 1 2024/3\n"),
            "error [date.precision] time \"2024/3\"",
        ),
        wrong(
            file("a.cas", "south 1 2024/3/1\n"),
            "a.cas:1: error [place.unknown] location \"south\"",
        ),
        wrong(
            file("a.cas", "east 1 2024/3/1 male\n"),
            "a.cas:1: error [columns.count]: The line has 1 covariates",
        ),
        wrong(
            Small::new().with("a.cas", b"east \xff\xff\xff\x80 2024/3/1\n"),
            "a.cas:1: error [encoding.unknown]",
        ),
    ]
}

/// In populations and places.
fn places() -> Vec<Wrong> {
    vec![
        wrong(
            file("a.pop", "east 2024 0\nwest 2024 900\n\"north hill\" 2024 3\n"),
            "a.cas:1: error [population.zero] location \"east\"",
        ),
        wrong(
            file("a.pop", "west 2024 900\n\"north hill\" 2024 3\n"),
            "error [population.zero] location \"east\"",
        ),
        wrong(
            file("a.pop", "east 2024 -1\n"),
            "a.pop:1: error [population.negative] population \"-1\"",
        ),
        wrong(
            file("a.pop", "east 2024 many\n"),
            "a.pop:1: error [population.form] population \"many\"",
        ),
        wrong(file("a.pop", "east 1000\n"), "a.pop:1: error [columns.count]"),
        wrong(
            file("a.geo", "east 110.2 30.1\nwest 110.1 30.2\n"),
            "a.geo:1: error [place.swapped] latitude \"110.2\"",
        ),
        wrong(
            file("a.geo", "east 430000 3300000\n"),
            "set CoordinatesType=0 for x and y",
        ),
        wrong(
            file("a.geo", "east 30.1\n"),
            "a.geo:1: error [columns.count]: The line has 2 fields where 3 are needed.",
        ),
        wrong(
            file("a.geo", "east 30.1 x\n"),
            "a.geo:1: error [place.number] longitude \"x\"",
        ),
        wrong(
            file("a.geo", "east 30.1 110.2\neast 30.9 110.2\n"),
            "a.geo:2: error [place.twice] location \"east\"",
        ),
    ]
}

/// In the parameters.
fn parameters() -> Vec<Wrong> {
    vec![
        wrong(
            Small::new().setting("CaseFile="),
            "error [file.unnamed] CaseFile \"\"",
        ),
        wrong(
            Small::new().setting("EndDate=2023/1/1"),
            "error [date.order] EndDate \"2023/1/1\"",
        ),
        wrong(
            Small::new().setting("ModelType=5"),
            "The normal model is not supported.",
        ),
        wrong(
            Small::new().setting("AnalysisType=5"),
            "Spatial variation in temporal trends is not supported.",
        ),
        wrong(
            Small::new().setting("PrecisionCaseTimes=0"),
            "error [parameter.together] PrecisionCaseTimes",
        ),
        wrong(
            Small::new().setting("PrecisionCaseTimes=1"),
            "Times are exact to the year, so they cannot be counted by the day.",
        ),
        wrong(
            Small::new().setting("MaxTemporalSize=95"),
            "error [parameter.value] MaxTemporalSize \"95\"",
        ),
        wrong(
            Small::new().setting("UseNeighborsFile=y"),
            "error [file.unnamed] NeighborsFilename",
        ),
        wrong(
            Small::new().setting("CaseFile-SourceType=1"),
            "error [layout.unsupported] CaseFile-SourceType \"1\"",
        ),
    ]
}

#[test]
fn each_fault_names_its_place_and_its_cure() {
    for Wrong { what, says } in cases().into_iter().chain(places()).chain(parameters()) {
        let (project, faults) = what.read();
        let said: Vec<String> = faults.list().iter().map(ToString::to_string).collect();
        assert!(project.is_none(), "{says}: read all the same");
        assert!(said.iter().any(|one| one.contains(says)), "{says}\n{said:#?}");
        for fault in faults.list() {
            assert!(!fault.cure.is_empty() && !fault.message.is_empty(), "{fault}");
        }
    }
}

#[test]
fn several_faults_come_at_once() {
    let what = file("a.cas", "east -1 2024/3/1\nsouth 1 2024/3/1\nwest 1.5 2024/3/1\n").with(
        "a.geo",
        b"east 30.1 110.2\nwest 30.2 x\nx\n\"north hill\" 30.3 110.1\n",
    );
    let (_, faults) = what.read();
    assert_eq!(faults.errors(), 5, "{:#?}", faults.list());
    let many = file("a.cas", &"east -1 2024/3/1\n".repeat(1000));
    let (_, faults) = many.read();
    assert_eq!(
        (faults.errors(), faults.list().len(), faults.left_out()),
        (1000, 50, 950)
    );
}

#[test]
fn what_the_project_says_to_leave_out_is_left_out_and_told() {
    let what = file("a.cas", "east 2 2024/3/1\nsouth 1 2024/3/1\nwest 4 2025/3/1\n")
        .setting("StudyPeriodCheckType=1\nGeographicalCoordinatesCheckType=1");
    let (project, faults) = what.read();
    let total: u64 = project.unwrap().data.cases.iter().map(|case| case.count).sum();
    assert_eq!(total, 2);
    let said: Vec<(Option<u64>, &str, Weight)> = faults
        .list()
        .iter()
        .filter(|fault| fault.code != "parameter.section")
        .map(|fault| (fault.line, fault.code, fault.weight))
        .collect();
    assert_eq!(
        said,
        [
            (Some(3), "date.outside", Weight::Warning),
            (Some(2), "place.unknown", Weight::Warning)
        ]
    );
}

#[test]
fn marks_encodings_and_line_ends_do_not_matter() {
    let gb = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
    let names = "东街社区居委会 30.1 110.2\r\n西街社区居委会 30.2 110.1\r\n";
    let what = Small::new()
        .with("a.geo", &gb(names))
        .with(
            "a.pop",
            "\u{feff}东街社区居委会,2024,1000\n西街社区居委会,2024,900\n".as_bytes(),
        )
        .with(
            "a.cas",
            &gb("东街社区居委会 2 2024/3/1\r\n西街社区居委会 1 2024/3/2\r\n"),
        );
    let (project, faults) = what.read();
    assert!(faults.list().is_empty(), "{:#?}", faults.list());
    let names: Vec<String> = project
        .unwrap()
        .data
        .places
        .into_iter()
        .map(|place| place.name)
        .collect();
    assert_eq!(names, ["东街社区居委会", "西街社区居委会"]);
}

#[test]
fn a_file_named_with_folders_of_another_machine_is_found_beside_and_told() {
    let what = Small::new().setting("CaseFile=C:\\data\\a.cas");
    let (project, faults) = what.read();
    assert!(project.is_some());
    assert!(faults.list().iter().any(|fault| fault.code == "file.elsewhere"));
}

#[test]
fn more_spans_of_time_than_can_be_held_are_refused_before_they_are_made() {
    let long = Small::new().setting("AnalysisType=2\nStartDate=1824/1/1\nMaxTemporalSize=90");
    let (project, faults) = long.read();
    let project = project.unwrap_or_else(|| unreachable!("{:?}", faults.list()));
    let refused = project.ready().unwrap_err();
    assert_eq!(refused.code, "study.large", "{refused}");
    assert!(
        refused.to_string().contains("spans of time over 73415 intervals"),
        "{refused}"
    );
    let short = Small::new().setting("AnalysisType=2\nStartDate=2014/1/1\nMaxTemporalSize=50");
    assert!(short.read().0.unwrap().ready().is_ok());
}
