#include "admin/door.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "admin/replies.h"
#include "base/json.h"
#include "base/text.h"
#include "http/address.h"
#include "store/password.h"

namespace airouterd::admin {
namespace {

namespace text = airouter::text;

// Longer ones are nobody's: hashing them would be work for nothing.
constexpr std::size_t token_bytes_max = 256;

// Each takes 32 MiB and a core for a while.
constexpr int logins_max = 2;

// A place among those who log in, given back at the end; false: there is none.
class Turn {
 public:
  explicit Turn(std::atomic<int>& taken) : taken_(taken), is_ours_(taken.fetch_add(1) < logins_max) {}
  ~Turn() { taken_.fetch_sub(1); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  explicit operator bool() const noexcept { return is_ours_; }

 private:
  std::atomic<int>& taken_;
  const bool is_ours_;
};

// The credentials of `Authorization: Bearer`; empty: there are none.
std::string_view bearer_of(const http::Headers& headers) {
  std::string_view value = text::trim(airouter::find_header(headers, "authorization"));
  const auto end = std::min(value.find_first_of(" \t"), value.size());
  if (!text::equals_ignoring_case(value.substr(0, end), "bearer")) return {};
  return text::trim(value.substr(end));
}

http::Reply with_header(http::Reply reply, std::string name, std::string value) {
  reply.headers.emplace_back(std::move(name), std::move(value));
  return reply;
}

http::Reply too_many_tries(const Request& request, std::chrono::seconds wait) {
  return with_header(
      problem(request, 429, "too_many_tries",
              {fmt::format("too many failed tries from this address: try again in {} s", wait.count()),
               fmt::format("该地址尝试失败次数过多：请在 {} 秒后重试", wait.count())}),
      "retry-after", std::to_string(wait.count()));
}

const Sentence& sentence_of(Auth auth) {
  static const Sentence token{
      "admin token needed: run 'airouterd admin-url', or send 'Authorization: Bearer' with the content of "
      "data/admin_token; on a server that only listens on loopback {\"admin\":{\"auth\":\"none\"}} turns it "
      "off",
      "需要管理令牌：运行 'airouterd admin-url'，或以 'Authorization: Bearer' 发送 data/admin_token 的内容；"
      "仅监听本机的服务器可用 {\"admin\":{\"auth\":\"none\"}} 关闭此要求"};
  static const Sentence password{
      "admin password needed: POST {\"password\":\"…\"} to /api/login and send the token it gives, or the "
      "content of data/admin_token, as 'Authorization: Bearer'",
      "需要管理密码：向 /api/login POST {\"password\":\"…\"}，再以 'Authorization: Bearer' 发送所得令牌，"
      "或发送 data/admin_token 的内容"};
  static const Sentence none{
      "only programs on this machine may administer the server while admin.auth is none",
      "admin.auth 为 none 时，只有本机程序可以管理服务器"};
  return auth == Auth::none ? none : auth == Auth::password ? password : token;
}

const Sentence& sentence_for_strangers() {
  static const Sentence sentence{
      "programs on this machine may see this; others need the admin token or a client key, as "
      "'Authorization: "
      "Bearer'",
      "本机程序可以查看；其他机器需以 'Authorization: Bearer' 发送管理令牌或客户端密钥"};
  return sentence;
}

// What two addresses of one client have in common.
std::string network_of(const Request& request, const DoorRules& rules) {
  const std::string_view text = http::client_address(request.http(), rules.access);
  const auto address = http::Address::parse(text);
  return address ? address->network() : std::string(text);
}

// `code` tells programs apart what people read as one thing: nothing was sent, or something wrong was.
http::Reply not_let_in(const Request& request, Auth auth, const Sentence& needed, bool has_token) {
  const std::string_view code = auth == Auth::none       ? "not_on_this_machine"
                                : has_token              ? "admin_token_wrong"
                                : auth == Auth::password ? "admin_password_needed"
                                                         : "admin_token_needed";
  return with_header(problem(request, 401, code, needed), "www-authenticate", "Bearer");
}

std::optional<http::Reply> check_host(const Request& request, const DoorRules& rules) {
  const auto refusal = http::check_host_rule(request.http(), rules.access);
  if (!refusal) return std::nullopt;
  return problem(request, refusal->status, refusal->code,
                 {refusal->message, "Host 不是本服务器的名称：请将其加入 allowed_hosts。"});
}

std::optional<http::Reply> check_page(const Request& request, const DoorRules& rules) {
  if (auto refused = check_host(request, rules)) return refused;
  if (http::comes_from_own_pages(request.http(), rules.access)) return std::nullopt;
  return problem(
      request, 403, "origin_not_allowed",
      {"a web page of another site sent this; if it is this server's own panel behind a proxy, set "
       "public_url to the address that the browser shows",
       "此请求来自其他站点的网页；如果它是代理后面的本服务器面板，请将 public_url 设为浏览器中显示的地址"});
}

}  // namespace

Door::Door(std::string_view token, std::shared_ptr<airouter::Clock> clock)
    : token_(hasher_(token)), clock_(std::move(clock)) {}

std::shared_ptr<const DoorRules> Door::rules() const {
  const std::scoped_lock lock(mutex_);
  return rules_;
}

void Door::set_rules(DoorRules rules) {
  auto fresh = std::make_shared<const DoorRules>(std::move(rules));
  const std::scoped_lock lock(mutex_);
  if (fresh->auth != rules_->auth || fresh->password_hash != rules_->password_hash) sessions_.end_all();
  rules_ = std::move(fresh);
}

bool Door::is_right(std::string_view token, const DoorRules& rules) const {
  if (token.empty() || token.size() > token_bytes_max) return false;
  const store::Digest digest = hasher_(token);
  if (store::is_equal(digest, token_)) return true;
  return rules.auth == Auth::password && sessions_.holds(digest, clock_->now());
}

std::optional<http::Reply> Door::check_token(const Request& request, const DoorRules& rules,
                                             const Sentence& needed) {
  const std::string_view token = bearer_of(request.http().headers);
  if (is_right(token, rules)) return std::nullopt;
  if (token.empty()) return not_let_in(request, rules.auth, needed, false);
  const std::string address = network_of(request, rules);
  const airouter::TimePoint now = clock_->now();
  if (const auto wait = tokens_.wait_of(address, now)) return too_many_tries(request, *wait);
  tokens_.note_failure(address, now);
  return not_let_in(request, rules.auth, needed, true);
}

std::optional<http::Reply> Door::refuse(const Request& request) {
  const auto rules = this->rules();
  if (auto refused = check_page(request, *rules)) return refused;
  if (rules->auth == Auth::none) {
    if (http::is_from_loopback(request.http(), rules->access)) return std::nullopt;
    return not_let_in(request, Auth::none, sentence_of(Auth::none), false);
  }
  return check_token(request, *rules, sentence_of(rules->auth));
}

std::optional<http::Reply> Door::refuse_page(const Request& request) const {
  return check_page(request, *rules());
}

std::optional<http::Reply> Door::refuse_stranger(const Request& request, bool has_client_key) {
  const auto rules = this->rules();
  if (auto refused = check_host(request, *rules)) return refused;
  if (has_client_key || http::is_from_loopback(request.http(), rules->access)) return std::nullopt;
  return check_token(request, *rules, sentence_for_strangers());
}

bool Door::knows(const http::Headers& headers) const {
  const auto rules = this->rules();
  return rules->auth == Auth::none || is_right(bearer_of(headers), *rules);
}

http::Reply Door::login(const Request& request, std::string_view password) {
  const auto rules = this->rules();
  if (rules->auth != Auth::password) {
    return problem(request, 400, "no_password",
                   {"there is no password to log in by: admin.auth is not \"password\"",
                    "未启用密码登录：admin.auth 不是 \"password\""});
  }
  const std::string address = network_of(request, *rules);
  if (const auto wait = passwords_.wait_of(address, clock_->now())) return too_many_tries(request, *wait);
  const Turn turn(logins_under_way_);
  if (!turn) {
    return with_header(problem(request, 503, "busy",
                               {"others are logging in right now: try again in a second",
                                "正有其他登录请求在处理：请稍后重试"}),
                       "retry-after", "1");
  }
  // Counted before it is looked at: tries that come side by side are tries.
  passwords_.note_failure(address, clock_->now());
  if (!store::is_right_password(password, rules->password_hash))
    return problem(request, 401, "wrong_password", {"the password is wrong", "密码错误"});
  passwords_.forgive(address);
  const std::string token = sessions_.start(hasher_, clock_->now());
  const auto until = std::chrono::duration_cast<std::chrono::seconds>(
      (clock_->wall_now() + Sessions::lifetime).time_since_epoch());
  airouter::json::Writer writer;
  writer.begin_object().key("token").string(token).key("expires_at").integer(until.count()).end_object();
  return json_reply(writer);
}

}  // namespace airouterd::admin
