//! The sentences of the page "who opened my report", twice. What is told of whom is decided in the application.

use crate::languages::Lang;
use anlan_app::tracks::Standing;
use anlan_model::accesses::Purpose;

/// What the page says in one language.
#[derive(Debug)]
pub(crate) struct LookWords {
    pub(crate) lead: &'static str,
    pub(crate) list: &'static str,
    pub(crate) count: &'static str,
    pub(crate) rest: &'static str,
    pub(crate) whole: &'static str,
    pub(crate) waiting: &'static str,
    pub(crate) apart: &'static str,
    pub(crate) erased: &'static str,
    pub(crate) unproved: &'static str,
    pub(crate) reporter: &'static str,
    pub(crate) node: &'static str,
    pub(crate) oversight: &'static str,
    pub(crate) staff: &'static str,
    pub(crate) staff_of: &'static str,
    pub(crate) refused: &'static str,
    pub(crate) other: &'static str,
    pub(crate) proof_title: &'static str,
    pub(crate) proof_lead: &'static str,
    pub(crate) proof_get: &'static str,
    pub(crate) proof_check: &'static str,
    /// Actions by their codes.
    actions: [(&'static str, &'static str); 11],
    /// What for: case, own report, maintenance, audit, emergency, publication.
    purposes: [&'static str; 6],
    /// Signed, waiting, apart.
    standings: [&'static str; 3],
}

impl LookWords {
    /// The sentences of a language.
    pub(crate) fn of(lang: Lang) -> &'static Self {
        lang.pick(&ZH, &EN)
    }

    /// What was done.
    pub(crate) fn action(&self, code: &str) -> String {
        let known = self.actions.iter().find(|(known, _)| *known == code);
        known.map_or_else(
            || self.other.replace("{code}", code),
            |(_, words)| (*words).to_owned(),
        )
    }

    /// What for.
    pub(crate) fn purpose(&self, purpose: Purpose) -> &'static str {
        let [case, own, maintenance, audit, emergency, publication] = self.purposes;
        match purpose {
            Purpose::Case => case,
            Purpose::OwnReport => own,
            Purpose::Maintenance => maintenance,
            Purpose::Audit => audit,
            Purpose::Emergency => emergency,
            Purpose::Publication => publication,
        }
    }

    /// How far it is in the log.
    pub(crate) fn standing(&self, standing: Standing) -> &'static str {
        let [signed, waiting, apart] = self.standings;
        match standing {
            Standing::Signed => signed,
            Standing::Waiting => waiting,
            Standing::Apart => apart,
        }
    }
}

const ZH: LookWords = LookWords {
    lead: "不显示工作人员的姓名；同一人在本页上始终用同一个字母。",
    list: "全部记录，最新的在前",
    count: "共 {n} 次",
    rest: "这里只显示最近 {n} 次；证明文件中包含全部记录。",
    whole: "从第一次到最近一次，记录完整、没有缺漏；其中 {signed} 条已签名并写入公开日志，任何人都无法悄悄修改或删除。",
    waiting: "另有 {n} 条刚刚产生，通常一秒内签名。",
    apart: "另有 {n} 条早于签名日志的启用，无法以签名证明。",
    erased: "本案的记录密钥已按保存期限删除。记录仍在日志中，但任何人都不能再认出哪些与本案有关，因此无法出具证明。",
    unproved: "日志目前没有签名，或与数据库不一致，因此暂时不能证明下列记录完整。工作人员已收到提示；您可以稍后再看。",
    reporter: "您本人，或持有查询码的人",
    node: "系统自动处理",
    oversight: "监督检查人员",
    staff: "工作人员 {who}",
    staff_of: "{office} 工作人员 {who}",
    refused: "（被拒绝）",
    other: "其他操作（{code}）",
    proof_title: "自己核对",
    proof_lead: "证明文件含有您这件上报的全部已签名记录、日志签名和核对所需的密钥。保存好每次下载的文件：以后的文件若少了其中任何一条，就能证明记录被删改。文件请勿公开。",
    proof_get: "下载证明文件",
    proof_check: "用 verify_access.py 核对，无需联网，也无需信任本系统。日志的公开密钥在 /log/key。",
    actions: [
        ("report.create", "登记了上报"),
        ("case.read", "打开了案件"),
        ("case.move", "办理或转交了案件"),
        ("case.edit", "更正了类别、地点或紧急程度"),
        ("case.merge", "合并或拆分了案件"),
        ("case.note", "添加了备注"),
        ("case.contact", "查看了您的联系方式"),
        ("photo.add", "添加了照片"),
        ("photo.read", "查看了照片"),
        ("grant.open", "在紧急情况下临时打开了案件"),
        ("access.read", "查看了访问记录"),
    ],
    purposes: [
        "为办理本案",
        "了解自己的上报",
        "系统维护",
        "监督检查",
        "紧急避险",
        "向公众公开",
    ],
    standings: ["已签名", "等待签名", "早于签名日志"],
};

const EN: LookWords = LookWords {
    lead: "Names of officials are not shown; the same person has the same letter throughout this page.",
    list: "All of them, newest first",
    count: "{n} in all",
    rest: "Only the newest {n} are shown here; the proof file has all of them.",
    whole: "From the first to the last none is missing; {signed} are signed and in the public log, where nobody can change or drop one unseen.",
    waiting: "{n} more were made just now and are usually signed within a second.",
    apart: "{n} more are from before the log was signed, and no signature proves them.",
    erased: "The key to this case's entries was erased when its time was over. They are still in the log, but nobody can tell any more which they are, so nothing can be proved.",
    unproved: "The log is not signed at present, or does not agree with the database, so that it is not proved that this list is whole. The staff have been told; please look again later.",
    reporter: "You, or somebody with your code",
    node: "The system itself",
    oversight: "Oversight",
    staff: "Person {who} of the staff",
    staff_of: "Person {who} of {office}",
    refused: " (refused)",
    other: "Did something else ({code})",
    proof_title: "Check it yourself",
    proof_lead: "The proof file has every signed entry about your report, the log's signature, and the key to check them with. Keep each one you fetch: if a later one lacks an entry of an earlier one, that proves that the record was changed. Do not publish it.",
    proof_get: "Get the proof file",
    proof_check: "Check it with verify_access.py, without a network and without trusting this system. The log's public key is at /log/key.",
    actions: [
        ("report.create", "Handed the report in"),
        ("case.read", "Opened the case"),
        ("case.move", "Moved the case on"),
        ("case.edit", "Corrected class, place or urgency"),
        ("case.merge", "Merged or split the case"),
        ("case.note", "Added a remark"),
        ("case.contact", "Looked at your contact details"),
        ("photo.add", "Added a photo"),
        ("photo.read", "Looked at a photo"),
        ("grant.open", "Got the case opened in an emergency"),
        ("access.read", "Looked at the list of accesses"),
    ],
    purposes: [
        "to deal with the case",
        "to follow the report",
        "to run the system",
        "to check others' work",
        "to avert harm at once",
        "to tell the public",
    ],
    standings: ["signed", "not signed yet", "from before the log was signed"],
};
