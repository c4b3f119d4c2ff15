#include "store/in_chinese.h"

#include <array>
#include <optional>
#include <vector>

namespace airouterd::store {
namespace {

// `{}` stands for any text in both, in the same order; what it stands for is looked up, too.
struct Row {
  std::string_view english{}, chinese{};
};

// The first row that fits is taken: particular sentences stand before those that could hold them.
constexpr std::array table{
    // What was found in a config.
    Row{"found the name of {} again; allowed is a name of its own", "与 {} 重名；名称不能重复"},
    Row{"found this name a second time; allowed is once", "名称重复出现；只能出现一次"},
    Row{"found this key a second time; allowed is once", "键重复出现；只能出现一次"},
    Row{"found nothing; requests go without an Authorization header",
        "没有密钥；请求将不带 Authorization 请求头"},
    Row{"found no model; this provider is never chosen", "没有模型；不会选用该服务商"},
    Row{"found {}; max_multiplier, which is {}, keeps it from having its effect",
        "实际为 {}；max_multiplier 为 {}，使其不起作用"},
    Row{"found {}; allowed is {}", "实际为 {}；应为 {}"},
    Row{"found {}; control characters are not allowed in each place",
        "实际为 {}；任何一项都不允许有控制字符"},
    Row{"found {}; control characters are not allowed", "实际为 {}；不允许有控制字符"},
    Row{"the name: {}", "名称：{}"},
    Row{"what it names holds no key", "所指之处没有密钥"},
    Row{"the environment variable it names is not set", "所指的环境变量未设置"},
    Row{"the environment variable it names is empty", "所指的环境变量为空"},
    Row{"the file it names is empty", "所指的文件为空"},
    Row{"the file it names {}", "所指的文件{}"},
    Row{"ends in /chat/completions, which requests add to it once more",
        "以 /chat/completions 结尾，而请求会再加一次"},
    Row{"has no effect; timeout beside it sets this one", "不起作用；以旁边的 timeout 为准"},
    Row{"no enabled provider supports {}, so nobody can answer this name",
        "没有已启用的服务商支持 {}，无人能应答此名称"},
    Row{"no enabled provider supports {}", "没有已启用的服务商支持 {}"},
    Row{"unknown key; the nearest known one is {}", "未知的键；最接近的是 {}"},
    Row{"unknown key", "未知的键"},
    Row{"invalid JSON: {}", "JSON 无效：{}"},
    Row{"the config is larger than 16 MiB", "配置超过 16 MiB"},
    Row{"the config is invalid", "配置无效"},
    Row{"and {} more", "另有 {} 个"},
    Row{"problems: {}, the first in line {} {}", "共 {} 个问题，第一个在第 {} 行：{}"},
    Row{"{} listens on every network of this machine; 127.0.0.1 keeps it to itself",
        "{} 监听本机的所有网络；127.0.0.1 仅限本机"},
    Row{"admin.auth \"none\" lets whoever can reach this server administer it, and server_host {} lets "
        "others "
        "reach it: set server_host (or --host) to 127.0.0.1, or admin.auth (or --admin-auth) to \"token\"",
        "admin.auth 为 \"none\" 时，能连上本服务器的人都能管理它，而 server_host {} 允许他人连接：请将 "
        "server_host（或 --host）设为 127.0.0.1，或将 admin.auth（或 --admin-auth）设为 \"token\""},
    Row{"admin.auth \"password\" needs admin.password_hash: what 'airouterd hash-password' prints",
        "admin.auth 为 \"password\" 时需要 admin.password_hash：即 'airouterd hash-password' 的输出"},
    // What a value is.
    Row{"a string", "字符串"},
    Row{"a list", "列表"},
    Row{"an object", "对象"},
    Row{"a number", "数字"},
    Row{"a whole number", "整数"},
    Row{"nothing", "空值"},
    Row{"only blanks", "空白"},
    Row{"a longer one", "更长的值"},
    Row{"a control character", "含控制字符的值"},
    Row{"half a surrogate pair, which is no character", "含不完整字符的值"},
    Row{"a blank or line end at its beginning or end", "首尾有空格或换行的值"},
    Row{"a blank, or a character that is not ASCII", "含空格或非 ASCII 字符的值"},
    Row{"no text", "非文本"},
    Row{"another text", "其他文本"},
    Row{"something else", "其他内容"},
    Row{"no model", "空列表"},
    Row{"more than {} bytes", "超过 {} 字节的值"},
    Row{"a blank", "含空格的地址"},
    Row{"a character that is not ASCII", "含非 ASCII 字符的地址"},
    Row{"a backslash", "含反斜杠的地址"},
    Row{"a query", "含查询参数的地址"},
    Row{"a fragment", "含 # 片段的地址"},
    Row{"another scheme, or none", "其他协议或没有协议的地址"},
    Row{"a user name or password", "含用户名或密码的地址"},
    Row{"an invalid path", "路径无效的地址"},
    Row{"a path", "含路径的地址"},
    Row{"an IPv6 address without its closing bracket", "缺少右括号的 IPv6 地址"},
    Row{"an invalid IPv6 address", "无效的 IPv6 地址"},
    Row{"no host", "没有主机的地址"},
    Row{"an invalid host", "主机无效的地址"},
    Row{"an invalid port", "端口无效的地址"},
    Row{"\"env:\" without a valid name after it", "后面没有有效名称的 \"env:\""},
    Row{"\"file:\" without a valid path after it", "后面没有有效路径的 \"file:\""},
    // What is allowed.
    Row{"{} in each place", "每一项都是 {}"},
    Row{"a whole number from {} to {}", "{} 到 {} 之间的整数"},
    Row{"a number from {} to {}", "{} 到 {} 之间的数"},
    Row{"a number of seconds from {} to {}", "{} 到 {} 之间的秒数"},
    Row{"up to 8192 visible ASCII characters, none of them a line end",
        "不超过 8192 个可见的 ASCII 字符，不含换行"},
    Row{"1 to {} bytes of text without control characters", "1 到 {} 字节、不含控制字符的文本"},
    Row{"http:// or https://, a host, and optionally a port and a path",
        "http:// 或 https:// 加主机，可带端口和路径"},
    Row{"\"none\", nothing, or http://, https://, socks5:// or socks5h://, a host and a port",
        "\"none\"、空，或 http://、https://、socks5://、socks5h:// 加主机和端口"},
    Row{"true or false", "true 或 false"},
    Row{"the key, \"env:NAME\" or \"file:PATH\"", "密钥本身、\"env:名称\" 或 \"file:路径\""},
    Row{"at least one", "至少一项"},
    Row{"one of {}", "以下之一：{}"},
    Row{"an address or a host name, without a port", "地址或主机名，不含端口"},
    Row{"\"name\" or \"name:port\"", "\"主机名\" 或 \"主机名:端口\""},
    Row{"an origin such as \"https://chat.example\", without a path",
        "来源，如 \"https://chat.example\"，不含路径"},
    Row{"an http:// or https:// URL", "http:// 或 https:// 网址"},
    Row{"an address such as \"10.0.0.1\" or a network such as \"10.0.0.0/8\"",
        "地址（如 \"10.0.0.1\"）或网段（如 \"10.0.0.0/8\"）"},
    Row{"what 'airouterd hash-password' prints", "'airouterd hash-password' 的输出"},
    Row{"a list of strings", "字符串列表"},
    // Why a text is no JSON.
    Row{"the document is empty", "内容为空"},
    Row{"the document root must not be followed by other values", "结尾之后还有其他内容"},
    Row{"invalid value", "无效的值"},
    Row{"missing a name for object member", "对象成员缺少名称"},
    Row{"missing a colon after a name of object member", "对象成员的名称后缺少冒号"},
    Row{"missing a comma or '}' after an object member", "对象成员后缺少逗号或 }"},
    Row{"missing a comma or ']' after an array element", "列表元素后缺少逗号或 ]"},
    Row{"incorrect hex digit after \\u escape in string", "字符串中 \\u 之后不是十六进制数字"},
    Row{"the surrogate pair in string is invalid", "字符串中有不完整的字符"},
    Row{"invalid escape character in string", "字符串中有无效的转义"},
    Row{"missing a closing quotation mark in string", "字符串缺少结尾的引号"},
    Row{"invalid encoding in string", "字符串的编码无效"},
    Row{"number too big to be stored in double", "数字过大"},
    Row{"miss fraction part in number", "数字缺少小数部分"},
    Row{"miss exponent in number", "数字缺少指数"},
    Row{"terminate parsing due to Handler error", "解析中止"},
    Row{"unspecific syntax error", "语法错误"},
    Row{"nested too deeply", "嵌套过深"},
    Row{"a NUL byte", "NUL 字节"},
    // Why a file could not be read or written.
    Row{"the file was changed by somebody else", "文件已被他人修改"},
    Row{"there is no config file", "没有配置文件"},
    Row{"does not exist", "不存在"},
    Row{"is a directory", "是一个目录"},
    Row{"is not a regular file", "不是普通文件"},
    Row{"is larger than {} MiB", "超过 {} MiB"},
    Row{"is larger than {} KiB", "超过 {} KiB"},
    Row{"cannot be read: {}", "无法读取：{}"},
    Row{"cannot follow the link '{}': {}", "无法解析链接“{}”：{}"},
    Row{"cannot save '{}': {}", "无法保存“{}”：{}"},
    Row{"cannot look at '{}': {}", "无法查看“{}”：{}"},
    Row{"cannot replace '{}': {}", "无法替换“{}”：{}"},
    Row{"cannot make a new file beside '{}': {}", "无法在“{}”旁新建文件：{}"},
    Row{"cannot keep the mode of '{}': {}", "无法保留“{}”的权限：{}"},
    Row{"cannot write '{}': {}", "无法写入“{}”：{}"},
    Row{"cannot sync the folder of '{}': {}", "无法将“{}”所在的文件夹写入磁盘：{}"},
    Row{"cannot sync '{}': {}", "无法将“{}”写入磁盘：{}"},
    Row{"cannot open the folder of '{}': {}", "无法打开“{}”所在的文件夹：{}"},
    Row{"another program keeps its folder locked", "另一个程序锁定了该文件夹"},
    Row{"it is not a regular file", "不是普通文件"},
    Row{"it is mounted by itself; mount the folder that it lies in instead",
        "该文件被单独挂载；请改为挂载它所在的文件夹"},
    Row{"it holds the new content, which a power cut may undo: {}", "已写入新内容，但断电可能丢失：{}"},
    Row{"it is no file's name", "不是文件名"},
    // What the system says.
    Row{"No space left on device", "磁盘空间不足"},
    Row{"Disk quota exceeded", "超出磁盘配额"},
    Row{"File too large", "文件过大"},
    Row{"Read-only file system", "文件系统只读"},
    Row{"Permission denied", "权限不足"},
    Row{"Operation not permitted", "操作不被允许"},
    Row{"Input/output error", "输入/输出错误"},
    Row{"No such file or directory", "文件或目录不存在"},
    Row{"Is a directory", "是一个目录"},
    Row{"Not a directory", "不是目录"},
    Row{"Too many open files", "打开的文件过多"},
    Row{"Too many levels of symbolic links", "符号链接层数过多"},
    Row{"File name too long", "文件名过长"},
    Row{"Device or resource busy", "设备或资源忙"},
    Row{"Cannot allocate memory", "内存不足"},
    // What became of asking an address for its models.
    Row{"its name is unknown", "无法解析域名"},
    Row{"cannot be reached", "无法连接"},
    Row{"its certificate or encryption is not accepted", "证书或加密方式不被接受"},
    Row{"did not answer in time", "未及时应答"},
    Row{"sent no usable answer", "没有可用的应答"},
    Row{"answered with something that is no list of models", "应答的不是模型列表"},
    Row{"answered with more than 4 MiB", "应答超过 4 MiB"},
    Row{"was not waited for", "未等待其应答"},
    Row{"answered {}", "应答 {}"},
    // Why a request of an administrator was refused.
    Row{"not let in to administration", "未获准进入管理接口"},
    // Why a body was not taken.
    Row{"The request's body is larger than this server accepts.", "请求体超过本服务器接受的大小。"},
    Row{"The request's body did not arrive in time.", "请求体未能及时到达。"},
    Row{"The connection ended before the request's body did.", "连接在请求体传完之前就结束了。"},
    Row{"The server holds too many request bodies; try again in a moment.",
        "服务器正在处理的请求体过多；请稍后重试。"},
    Row{"The request's body is not framed as HTTP demands.", "请求体的分帧不符合 HTTP 规定。"},
};

// What the pattern's `{}` stand for; nothing: the text is another one.
std::optional<std::vector<std::string_view>> parts_of(std::string_view text, std::string_view pattern) {
  std::vector<std::string_view> parts;
  std::size_t hole = pattern.find("{}");
  if (!text.starts_with(pattern.substr(0, hole))) return std::nullopt;
  if (hole == std::string_view::npos)
    return text.size() == pattern.size() ? std::optional(parts) : std::nullopt;
  text.remove_prefix(hole);
  while (hole != std::string_view::npos) {
    pattern.remove_prefix(hole + 2);
    hole = pattern.find("{}");
    const std::string_view after = pattern.substr(0, hole);
    const bool is_last = hole == std::string_view::npos;
    const std::size_t end = is_last && text.ends_with(after) ? text.size() - after.size() : text.find(after);
    if (end == std::string_view::npos || (is_last && !text.ends_with(after))) return std::nullopt;
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + after.size());
  }
  return parts;
}

std::string filled(std::string_view pattern, const std::vector<std::string_view>& parts) {
  std::string text;
  for (const std::string_view part : parts) {
    const std::size_t hole = pattern.find("{}");
    text.append(pattern.substr(0, hole)).append(in_chinese(part));
    pattern.remove_prefix(hole + 2);
  }
  return text.append(pattern);
}

}  // namespace

std::string in_chinese(std::string_view english) {
  for (const Row& row : table)
    if (const auto parts = parts_of(english, row.english)) return filled(row.chinese, *parts);
  return std::string(english);
}

}  // namespace airouterd::store
