//! What answers say where the application gives a code or a status only. Words, nothing else.

use axum::http::StatusCode;

/// Code and title of a status, Chinese and English.
pub(crate) fn title(status: StatusCode) -> (&'static str, &'static str, &'static str) {
    match status.as_u16() {
        400 => ("request.malformed", "请求有误", "Malformed request"),
        401 => ("session.none", "未登录", "Not signed in"),
        403 => ("denied", "不允许", "Not allowed"),
        404 => ("missing", "未找到", "Not found"),
        405 => ("method.unknown", "方法不支持", "Method not allowed"),
        406 => ("accept.unknown", "无法提供该格式", "Not acceptable"),
        408 => ("timeout", "请求超时", "Request timed out"),
        409 => ("conflict", "冲突", "Conflict"),
        412 => ("precondition", "版本不符", "Precondition failed"),
        413 => ("too_large", "内容过大", "Too large"),
        415 => (
            "content_type.unknown",
            "内容类型不支持",
            "Unsupported content type",
        ),
        422 => ("invalid", "内容无法接受", "Cannot be taken"),
        428 => ("precondition.missing", "缺少版本", "Version required"),
        429 => ("too_many", "请求过多", "Too many tries"),
        503 => ("unavailable", "暂时无法处理", "Unavailable"),
        500..=599 => ("internal", "内部错误", "Internal error"),
        _ => ("refused", "无法处理", "Refused"),
    }
}

/// Code and a whole sentence for a status that comes without one.
pub(crate) fn of_status(status: StatusCode) -> (&'static str, &'static str, &'static str) {
    let (code, _, _) = title(status);
    let (zh, en) = match status.as_u16() {
        400 => (
            "请求格式有误，未作任何更改。",
            "The request cannot be read. Nothing was changed.",
        ),
        401 => ("请先登录。", "Sign in first."),
        403 => ("您没有这项权限。", "You may not do this."),
        404 => (
            "没有这项内容，或您无权查看。",
            "There is no such thing, or you may not see it.",
        ),
        405 => (
            "此地址不支持该方法，见 Allow 头。",
            "This address does not take that method; the Allow header names those it takes.",
        ),
        408 => (
            "请求传送过慢，已中断，未作任何更改。",
            "The request came too slowly and was dropped. Nothing was changed.",
        ),
        413 => (
            "内容超过上限，未保存任何内容。",
            "The content is larger than the limit. Nothing was kept.",
        ),
        415 => (
            "请以 application/json 发送。",
            "Send the body as application/json.",
        ),
        503 => (
            "暂时无法处理，未作任何更改，请稍后再试。",
            "This cannot be done right now. Nothing was changed; try again shortly.",
        ),
        500..=599 => (
            "系统内部出错，已记录。未确认的更改没有生效，请重试。",
            "Something of ours broke; it was logged. Nothing that was not confirmed has taken effect; try again.",
        ),
        _ => (
            "请求无法处理，未作任何更改。",
            "The request was refused. Nothing was changed.",
        ),
    };
    (code, zh, en)
}

/// Chinese for the application's codes whose detail comes in English only; `None` keeps the detail as it is.
pub(crate) fn of_code(code: &str) -> Option<&'static str> {
    Some(match code {
        "session.none" => "您尚未登录，或登录已过期，请重新登录。",
        "session.wrong" => "用户名或密码不正确，或账号已停用。",
        "case.moved_meanwhile" => "他人已先行处理此案件，您的操作没有生效，请查看最新情况后再决定。",
        "warning.decided_meanwhile" => "他人已先行处理此预警，您的操作没有生效，请查看最新情况后再决定。",
        "warning.case_unknown" => "没有这个案件，或您无权查看；请填写队列中显示的案件编号。",
        "warning.case_missing" => "请填写案件编号，例如 AL26-000123。",
        "warning.budget_range" => "请填写每月可承受的误报次数，0.01 到 60。",
        "rules.moved_meanwhile" => "规则在此期间已有新版本生效，您的修改没有生效，请基于最新版本重新修改。",
        "report.invalid" => "上报内容需要修改，尚未保存。",
        "report.empty" => "请简要说明情况。",
        "text.too_long" => "内容过长，请缩短后再提交；目前没有保存任何内容。",
        "text.control" => "含有不可见的控制字符，请删除后重新提交。",
        "text.empty" => "请填写内容。",
        "class.unknown" => "没有这个类别，请从列表中选择，或留空由我们判断。",
        "office.unknown" => "没有这个单位。",
        "office.missing" => "请选择责任单位。",
        "office.is_subject" => "该案件投诉的就是这个单位，不能由它办理。",
        "coordinates.impossible" => "坐标不在有效范围内，请检查经度和纬度是否颠倒。",
        "move.unknown" => "没有这个操作。",
        "note.missing" => "请写明情况。",
        "rule.missing" => "请写明所依据的规定。",
        "reason.missing" => "请选择原因。",
        "reason.unknown" => "该原因不在此操作的列表中。",
        "until.missing" => "请填写截止时间。",
        "until.out_of_reach" => "截止时间须晚于现期限，且不超过一次延期的上限。",
        "cases.too_many" => "一次操作的案件过多，请分批进行。",
        "merge.same" => "案件不能并入自身。",
        "split.reports" => "请选择本案件的部分上报，并至少保留一条。",
        "photo.shows" => "照片用途应为 before、after、near、far 或 reference。",
        "photo.too_large" => "照片超过 20 MB，请换一张小一些的。",
        "photo.not_a_picture" => "该文件不是 JPEG、PNG 或 WebP 图片（与文件名无关），没有保存。",
        "photo.broken" => "图片已损坏、不完整或尺寸过大，无法读取，没有保存。",
        "photo.unreadable" => "照片无法读取，没有保存。",
        "photo.too_many" => "该案件的照片数量已达上限，没有保存。",
        "rating.range" => "请选择一到五星。",
        "file.name" => "文件名应为 1 到 200 个字符，且不含斜杠。",
        "file.too_large" => "文件过大，没有保存；请在服务器上用 anlan import 导入。",
        "import.running" => "该文件正在导入或等待导入，没有重复启动。",
        "import.not_running" => "该导入没有在运行。",
        "import.not_stopped" => "该导入没有停止。",
        "import.by_command" => "该导入由命令行启动，请在命令行用同一文件继续。",
        "quarantine.mended" => "该行已经入库，没有再作更改。",
        "column.unknown" => "该行没有这一列。",
        "rules.invalid" => "规则有误，现行规则保持不变，详见各条说明。",
        "password.length" => "密码至少 10 个字符。",
        "account.exists" => "该用户名已存在。",
        "account.name" => "用户名应为 1 到 64 个字符，且不含空格。",
        _ => return None,
    })
}
