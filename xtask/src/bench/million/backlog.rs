//! A made-up backlog of the demo county in the program's own template: five years of cases, the newest tenth of them
//! open, in Chinese and English. The same in every run, but for the day it is made on.

use crate::outside;
use anyhow::Result;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Days it spans.
const DAYS: f64 = 5.0 * 365.0;
const MIDDLE: [f64; 2] = [113.2, 27.9];

const THINGS: [&str; 24] = [
    "井盖",
    "路灯",
    "人行道",
    "垃圾桶",
    "护栏",
    "下水道",
    "行道树",
    "公交站牌",
    "消火栓",
    "电线杆",
    "健身器材",
    "信号灯",
    "雨水口",
    "广告牌",
    "自行车",
    "树枝",
    "围挡",
    "渣土车",
    "绿化带",
    "楼道",
    "排水沟",
    "桥面",
    "台阶",
    "玻璃",
];
const FAULTS: [&str; 16] = [
    "破损",
    "缺失",
    "松动",
    "堵塞",
    "倾斜",
    "不亮",
    "积水",
    "被占用",
    "满溢",
    "异响",
    "漏水",
    "掉落",
    "无人清理",
    "锈蚀",
    "遮挡视线",
    "有异味",
];
const PLACES: [&str; 20] = [
    "云溪路",
    "桂花巷",
    "文昌街",
    "鼓楼前",
    "澜江大道",
    "学府路",
    "体育场北门",
    "菜市场东侧",
    "人民医院门口",
    "第二小学",
    "汽车站",
    "滨江公园",
    "工业园三期",
    "火车站广场",
    "老城墙根",
    "新华书店旁",
    "幸福里小区",
    "水厂路口",
    "青年桥头",
    "西山脚下",
];
const ENDINGS: [&str; 12] = [
    "请尽快处理",
    "已经三天没人管",
    "晚上看不清很危险",
    "老人经过时容易绊倒",
    "孩子上学必经之路",
    "影响通行",
    "昨晚下雨后更严重",
    "邻居也反映过",
    "希望答复",
    "车辆绕行",
    "有人受伤",
    "之前修过又坏了",
];
const ENGLISH: [&str; 12] = [
    "Manhole cover missing",
    "Street light out",
    "Flooded underpass after heavy rain",
    "Broken pavement near the school",
    "Overflowing bins behind the market",
    "Fallen tree blocks the lane",
    "Water leaking from a pipe",
    "Traffic lights stuck on red",
    "Loose railing on the bridge",
    "Noise from the building site at night",
    "Pothole at the crossing",
    "Smell from the drain",
];
/// Words that hardly any case has.
const RARE: [&str; 4] = ["蜂窝", "白蚁", "sinkhole", "asbestos"];
const CLASSES: [&str; 10] = [
    "m01001", "m01002", "m02004", "m06010", "m03001", "c01001", "c01002", "c02003", "c03001", "m05001",
];

/// Writes the file.
pub(super) fn write(file: &Path, cases: u32) -> Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    writeln!(
        out,
        "编号,上报时间,标题,描述,类别,地址,经度,纬度,状态,截止时间,结案时间"
    )?;
    let mut dice = Dice(20_260_101);
    let today = outside::today();
    for number in 0..cases {
        let share = f64::from(number) / f64::from(cases);
        let times = Times::of(&mut dice, share, today);
        row(&mut out, &mut dice, number, &times)?;
    }
    out.flush()?;
    Ok(())
}

/// When a case came, is due, and was closed, if it was.
struct Times {
    opened: String,
    due: String,
    closed: Option<String>,
}

impl Times {
    /// The newest tenth is open, and of the others one in five hundred.
    fn of(dice: &mut Dice, share: f64, today: i64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "some thousand days")]
        let age = ((1.0 - share) * DAYS) as i64;
        let opened = today - age - 1;
        let (hour, minute) = (dice.below(24), dice.below(60));
        let is_open = (share > 0.9 && dice.below(100) < 98) || dice.below(500) == 0;
        let closed = opened + i64::from(dice.below(40)).min(age);
        Self {
            opened: format!("{} {hour:02}:{minute:02}:{:02}", date(opened), dice.below(60)),
            due: format!("{} 18:00:00", date(opened + 1 + i64::from(dice.below(30)))),
            closed: (!is_open).then(|| format!("{} 23:59:{:02}", date(closed), dice.below(60))),
        }
    }
}

fn row(out: &mut impl Write, dice: &mut Dice, number: u32, times: &Times) -> Result<()> {
    let place = dice.one(&PLACES);
    let (title, text) = if dice.below(5) == 0 {
        let what = dice.one(&ENGLISH);
        (
            what.to_owned(),
            format!(
                "{what}. Seen by {} people; {}",
                1 + dice.below(9),
                dice.one(&ENGLISH)
            ),
        )
    } else {
        let (thing, fault) = (dice.one(&THINGS), dice.one(&FAULTS));
        let (why, more) = (dice.one(&ENDINGS), dice.one(&ENDINGS));
        (
            format!("{place}{thing}{fault}"),
            format!(
                "{place}{}号附近的{thing}{fault}，{why}，{more}。",
                1 + dice.below(300)
            ),
        )
    };
    let rare = if dice.below(20_000) == 0 {
        dice.one(&RARE)
    } else {
        ""
    };
    let [lon, lat] = point(dice);
    let (class, house) = (dice.one(&CLASSES), 1 + number % 300);
    let Times { opened, due, closed } = times;
    let (state, closed) = closed.as_deref().map_or(("处理中", ""), |at| ("已结案", at));
    writeln!(
        out,
        "B{number:07},{opened},{title},\"{text}{rare}\",{class},{place}{house}号,{lon:.6},{lat:.6},{state},{due},{closed}"
    )?;
    Ok(())
}

/// Two thirds near the town, the rest all over the county.
fn point(dice: &mut Dice) -> [f64; 2] {
    let [wide, high] = if dice.below(3) == 0 {
        [0.11, 0.1]
    } else {
        [0.03, 0.025]
    };
    let [lon, lat] = MIDDLE;
    [
        lon + (dice.part() + dice.part() - 1.0) * wide,
        lat + (dice.part() + dice.part() - 1.0) * high,
    ]
}

/// Random numbers that are the same in every run (`SplitMix64`; Steele, Lea and Flood, OOPSLA 2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((z ^ (z >> 31)) >> 32).unwrap_or(0)
    }

    fn below(&mut self, most: u32) -> u32 {
        self.next() % most
    }

    /// 0 … 1.
    fn part(&mut self) -> f64 {
        f64::from(self.next()) / f64::from(u32::MAX)
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        let count = u32::try_from(of.len()).unwrap_or(1);
        of.get(self.below(count) as usize).copied().unwrap_or_default()
    }
}

/// The date so many days after 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`).
fn date(days: i64) -> String {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_dates() {
        for (days, text) in [
            (0, "1970-01-01"),
            (11_016, "2000-02-29"),
            (20_454, "2026-01-01"),
            (-1, "1969-12-31"),
        ] {
            assert_eq!(date(days), text);
        }
    }

    #[test]
    fn a_backlog_has_a_row_for_each_case_and_is_the_same_each_time() {
        let file = std::env::temp_dir().join(format!("anlan-backlog-{}.csv", std::process::id()));
        let make = || {
            write(&file, 2000).unwrap();
            std::fs::read_to_string(&file).unwrap()
        };
        let (one, two) = (make(), make());
        std::fs::remove_file(&file).unwrap();
        assert_eq!(one, two);
        assert_eq!(one.lines().count(), 2001);
        let open = one.lines().filter(|line| line.contains("处理中")).count();
        assert!((150..250).contains(&open), "{open} of 2000 are open");
        assert!(
            one.lines().all(|line| line.matches(',').count() == 10),
            "no text holds a comma"
        );
    }
}
