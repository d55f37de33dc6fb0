//! Words and codes by which a class is known to be about persons, assemblies, speech or complaints, and so never watched.
//! A list that errs on the side of leaving out; it decides nothing else.

/// Codes of GB/T 47678 that are about people's gatherings, begging or wording.
const CODES: [&str; 6] = ["m09003", "m07002", "m07004", "m07007", "m07008", "m09008"];

/// Chinese words.
const ZH: [&str; 40] = [
    "上访",
    "信访",
    "访民",
    "聚集",
    "聚众",
    "集会",
    "游行",
    "示威",
    "静坐",
    "请愿",
    "罢工",
    "维权",
    "群体性",
    "言论",
    "舆情",
    "舆论",
    "谣言",
    "宣传",
    "标语",
    "横幅",
    "传单",
    "重点人",
    "人员",
    "精神障碍",
    "患者",
    "流浪",
    "乞讨",
    "卖艺",
    "吸毒",
    "刑满",
    "矫正",
    "宗教",
    "信仰",
    "民族",
    "外来人口",
    "租客",
    "投诉",
    "举报人",
    "办事服务",
    "服务态度",
];

/// Beginnings of English words.
const EN: [&str; 35] = [
    "assembl",
    "gathering",
    "crowd",
    "protest",
    "demonstrat",
    "rally",
    "rallies",
    "march",
    "petition",
    "picket",
    "unrest",
    "riot",
    "speech",
    "opinion",
    "rumour",
    "rumor",
    "propaganda",
    "slogan",
    "banner",
    "leaflet",
    "poster",
    "person",
    "people",
    "suspect",
    "vagran",
    "beggar",
    "begging",
    "homeless",
    "busker",
    "addict",
    "parole",
    "religio",
    "ethnic",
    "migrant",
    "complain",
];

/// Whole English words and phrases.
const EN_WHOLE: [&str; 3] = ["service of an office", "social media", "key person"];

pub(super) fn is_code_never_watched(code: &str) -> bool {
    CODES.contains(&code)
}

/// Whether a name speaks of people and what they say or do together.
pub(super) fn speaks_of_people(text: &str) -> bool {
    let lower = text.to_lowercase();
    if ZH.iter().any(|word| lower.contains(word)) || EN_WHOLE.iter().any(|words| lower.contains(words)) {
        return true;
    }
    lower
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| EN.iter().any(|beginning| word.starts_with(beginning)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hazards_pass_and_people_do_not() {
        for hazard in [
            "Road under water",
            "路面积水",
            "Traffic: DISABLED VEHICLE",
            "燃气异味",
            "架空线缆脱落",
            "Fire: FIRE ALARM",
            "Dead animal",
        ] {
            assert!(!speaks_of_people(hazard), "{hazard}");
        }
        for people in [
            "Public assembly",
            "群众聚集",
            "重点人员管理",
            "Protesters on the square",
            "信访事项",
            "Homeless encampment",
            "办事服务问题",
            "Complaint about staff",
            "横幅标语",
        ] {
            assert!(speaks_of_people(people), "{people}");
        }
    }
}
