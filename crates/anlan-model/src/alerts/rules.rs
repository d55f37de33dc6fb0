//! The rules of the protocol that no schema holds: their codes, what breaks when they are broken, and the words for it.
//! Words only; `checks` finds who breaks them.

use serde::{Deserialize, Serialize};

/// A rule that a message can break.
///
/// A rule *forbids* where the text of CAP 1.2 (OASIS, 1 July 2010, section 3.2) says MUST, MUST NOT, required or minimum, where
/// its schema does, or where a value would mean nothing at all: such a message is refused. Every other rule only *tells*: the
/// message is kept and the finding goes with it, because a sloppy alert that people can act on is worth more than a clean log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AlertRule {
    /// `identifier` and `sender` hold no blank, comma, `<` or `&`, and are not empty.
    Name,
    /// `Cancel`, `Ack` and `Error` say which messages they mean.
    ReferencesNeeded,
    /// `Update` says so too; without, it is an alert of its own.
    UpdateOfNothing,
    /// A message does not refer to itself.
    ReferenceToItself,
    /// Nor to one that was sent later.
    ReferenceLater,
    /// `Restricted` says what limits it.
    RestrictionNeeded,
    /// No other scope has a restriction.
    RestrictionUnused,
    /// `Private` says whom it is for.
    AddressesNeeded,
    /// `language` is a code of RFC 3066.
    Language,
    /// Something is said of the kind of hazard.
    CategoryNeeded,
    /// Words that people need are there.
    WordsMissing,
    /// It ends after it was sent and after it begins.
    Expires,
    /// `web` is an absolute address.
    Web,
    /// `mimeType` is a type and a subtype.
    MediaType,
    /// `uri` is absolute, unless the message carries the file.
    Uri,
    /// A polygon has four points or more.
    PolygonShort,
    /// Its last point is its first.
    PolygonOpen,
    /// All points lie on earth.
    OffEarth,
    /// It does not cross itself.
    PolygonCrosses,
    /// A radius is a number, not below nought.
    Radius,
    /// Heights are numbers.
    Height,
    /// `ceiling` comes with `altitude`.
    CeilingAlone,
    /// And is not below it.
    CeilingLow,
}

impl AlertRule {
    /// All of them.
    pub const ALL: [Self; 23] = [
        Self::Name,
        Self::ReferencesNeeded,
        Self::UpdateOfNothing,
        Self::ReferenceToItself,
        Self::ReferenceLater,
        Self::RestrictionNeeded,
        Self::RestrictionUnused,
        Self::AddressesNeeded,
        Self::Language,
        Self::CategoryNeeded,
        Self::WordsMissing,
        Self::Expires,
        Self::Web,
        Self::MediaType,
        Self::Uri,
        Self::PolygonShort,
        Self::PolygonOpen,
        Self::OffEarth,
        Self::PolygonCrosses,
        Self::Radius,
        Self::Height,
        Self::CeilingAlone,
        Self::CeilingLow,
    ];

    /// Its code, for machines.
    pub fn code(self) -> &'static str {
        match self {
            Self::Name => "alert.name",
            Self::ReferencesNeeded => "alert.references_needed",
            Self::UpdateOfNothing => "alert.update_of_nothing",
            Self::ReferenceToItself => "alert.reference_to_itself",
            Self::ReferenceLater => "alert.reference_later",
            Self::RestrictionNeeded => "alert.restriction_needed",
            Self::RestrictionUnused => "alert.restriction_unused",
            Self::AddressesNeeded => "alert.addresses_needed",
            Self::Language => "alert.language",
            Self::CategoryNeeded => "alert.category_needed",
            Self::WordsMissing => "alert.words_missing",
            Self::Expires => "alert.expires",
            Self::Web => "alert.web",
            Self::MediaType => "alert.media_type",
            Self::Uri => "alert.uri",
            Self::PolygonShort => "alert.polygon_short",
            Self::PolygonOpen => "alert.polygon_open",
            Self::OffEarth => "alert.off_earth",
            Self::PolygonCrosses => "alert.polygon_crosses",
            Self::Radius => "alert.radius",
            Self::Height => "alert.height",
            Self::CeilingAlone => "alert.ceiling_alone",
            Self::CeilingLow => "alert.ceiling_low",
        }
    }

    /// The rule of that code.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.code() == code)
    }

    /// Whether a message that breaks it is refused; else it is kept, and the finding told.
    pub fn forbids(self) -> bool {
        match self {
            Self::Name
            | Self::ReferencesNeeded
            | Self::AddressesNeeded
            | Self::Language
            | Self::CategoryNeeded
            | Self::PolygonShort
            | Self::PolygonOpen
            | Self::OffEarth
            | Self::Radius
            | Self::Height
            | Self::CeilingAlone => true,
            Self::UpdateOfNothing
            | Self::ReferenceToItself
            | Self::ReferenceLater
            | Self::RestrictionNeeded
            | Self::RestrictionUnused
            | Self::WordsMissing
            | Self::Expires
            | Self::Web
            | Self::MediaType
            | Self::Uri
            | Self::PolygonCrosses
            | Self::CeilingLow => false,
        }
    }

    /// What is wrong and what to do, in English.
    pub fn english(self) -> &'static str {
        match self {
            Self::Name => "this name is empty or holds a blank, a comma, `<` or `&`; write it without",
            Self::ReferencesNeeded => {
                "a Cancel, Ack or Error must name the messages it means; add references"
            }
            Self::UpdateOfNothing => {
                "this Update names no message before it and stands as an alert of its own; add references"
            }
            Self::ReferenceToItself => "the message refers to itself; name the one before it",
            Self::ReferenceLater => "the message refers to one that was sent after it; check both times",
            Self::RestrictionNeeded => "the scope is Restricted, but nothing says to whom; add restriction",
            Self::RestrictionUnused => {
                "a restriction holds only with the scope Restricted; leave it out or change the scope"
            }
            Self::AddressesNeeded => "the scope is Private, but nobody is addressed; add addresses",
            Self::Language => "this is no language code; write one such as zh-CN or en",
            Self::CategoryNeeded => "no category is given; give at least one",
            Self::WordsMissing => "this must be there and is empty; fill it",
            Self::Expires => "it ends before it begins or before it was sent; check the times",
            Self::Web => "this is no absolute address; write it with its scheme, such as https://",
            Self::MediaType => "this is no media type; write type/subtype, such as image/png",
            Self::Uri => {
                "the file is not inside the message, so its uri must be absolute; write it with its scheme"
            }
            Self::PolygonShort => "a polygon needs four points or more, the last being the first; add points",
            Self::PolygonOpen => "the last point of the polygon is not its first; close it",
            Self::OffEarth => {
                "a point is not on earth; write latitude (−90 to 90) first, then longitude (−180 to 180)"
            }
            Self::PolygonCrosses => {
                "the polygon crosses itself, so what it encloses is uncertain; check its points"
            }
            Self::Radius => "the radius must be a number of kilometres, nought or more",
            Self::Height => "a height must be a number of feet",
            Self::CeilingAlone => "a ceiling is given without an altitude; add altitude or leave ceiling out",
            Self::CeilingLow => "the ceiling is below the altitude; check both",
        }
    }

    /// The same in Chinese.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Name => "名称为空，或含有空格、逗号、< 或 &。请去掉这些字符。",
            Self::ReferencesNeeded => "取消、确认或出错消息必须说明所指的消息。请填写 references。",
            Self::UpdateOfNothing => "该更新没有指明此前的消息，按独立警报处理。请填写 references。",
            Self::ReferenceToItself => "消息引用了自身。请指明此前的消息。",
            Self::ReferenceLater => "消息引用了比它更晚发送的消息。请核对两个时间。",
            Self::RestrictionNeeded => "范围为限制发布，但没有说明限制。请填写 restriction。",
            Self::RestrictionUnused => "只有限制发布才使用 restriction。请删去，或修改范围。",
            Self::AddressesNeeded => "范围为私有，但没有收件人。请填写 addresses。",
            Self::Language => "语言代码有误。请填写 zh-CN、en 等代码。",
            Self::CategoryNeeded => "没有类别。请至少填写一个。",
            Self::WordsMissing => "该项必须有内容，但为空。请填写。",
            Self::Expires => "失效时间早于发送或生效时间。请核对时间。",
            Self::Web => "网址不完整。请写明协议，例如 https://。",
            Self::MediaType => "媒体类型有误。请按“类型/子类型”填写，例如 image/png。",
            Self::Uri => "文件不在消息内，其地址必须完整。请写明协议。",
            Self::PolygonShort => "多边形至少要有四个点，且首尾相同。请补充。",
            Self::PolygonOpen => "多边形首尾两点不同。请闭合。",
            Self::OffEarth => "坐标不在地球上。请先写纬度（-90 至 90），再写经度（-180 至 180）。",
            Self::PolygonCrosses => "多边形自相交，所围范围不确定。请检查各点。",
            Self::Radius => "半径必须是不小于零的公里数。",
            Self::Height => "高度必须是以英尺为单位的数字。",
            Self::CeilingAlone => "有 ceiling 而没有 altitude。请补充 altitude 或删去 ceiling。",
            Self::CeilingLow => "上限高度低于下限高度。请核对。",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn each_rule_has_a_code_of_its_own_and_words() {
        let codes: HashSet<_> = AlertRule::ALL.iter().map(|rule| rule.code()).collect();
        assert_eq!(codes.len(), AlertRule::ALL.len());
        for rule in AlertRule::ALL {
            assert_eq!(AlertRule::of_code(rule.code()), Some(rule));
            assert!(rule.english().len() > 20 && rule.chinese().len() > 20);
        }
        assert_eq!(AlertRule::of_code("alert.none"), None);
    }
}
