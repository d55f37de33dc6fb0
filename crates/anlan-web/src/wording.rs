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
