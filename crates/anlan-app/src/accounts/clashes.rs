//! What is said where roles cannot be held together.

use crate::Error;
use anlan_model::accounts::{Role, RoleClash};

pub(crate) fn clash(clash: RoleClash) -> Error {
    let name = |role: Role| match role {
        Role::Admin => ("系统管理员", "system administrator"),
        Role::Security => ("安全管理员", "security administrator"),
        Role::Auditor => ("审计员", "audit administrator"),
        Role::Directory => ("目录服务", "directory"),
        Role::Resident => ("居民", "resident"),
        _ => ("系统", "the node itself"),
    };
    match clash {
        RoleClash::Apart(one, other) => {
            let (one, other) = (name(one), name(other));
            Error::field(
                "roles",
                "roles.apart",
                format!(
                    "系统、安全、审计管理员须由三人分别担任：{}与{}不能是同一账号。未作任何更改。",
                    one.0, other.0
                ),
                format!(
                    "System, security and audit administrators are three people: one account cannot be {} and {}. Nothing was changed.",
                    one.1, other.1
                ),
            )
        }
        RoleClash::ForMachines(role) => Error::field(
            "roles",
            "roles.for_machines",
            format!("{}角色只能授予机器账号。未作任何更改。", name(role).0),
            format!(
                "Only a machine account is a {}. Nothing was changed.",
                name(role).1
            ),
        ),
        RoleClash::ForPeople(role) => Error::field(
            "roles",
            "roles.for_people",
            format!("机器账号不能担任{}。未作任何更改。", name(role).0),
            format!("No machine is {}. Nothing was changed.", name(role).1),
        ),
        RoleClash::NotGiven(role) => {
            let name = name(role);
            Error::field(
                "roles",
                "roles.not_given",
                format!("“{}”不是可授予账号的角色。未作任何更改。", name.0),
                format!("No account is given the role “{}”. Nothing was changed.", name.1),
            )
        }
    }
}
