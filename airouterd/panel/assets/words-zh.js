export default {
  'nav.label': '页面', 'nav.skip': '跳到内容', 'nav.more': '更多',
  'nav.overview': '总览', 'nav.requests': '请求', 'nav.providers': '服务商', 'nav.routes': '模型', 'nav.keys': '密钥', 'nav.playground': '试一试', 'nav.settings': '设置',

  'action.save': '保存', 'action.cancel': '取消', 'action.close': '关闭', 'action.next': '下一步', 'action.back': '上一步', 'action.copy': '复制', 'action.retry': '重试', 'action.undo': '撤销', 'action.reset': '重置',
  'action.reset_all': '全部重置', 'action.test': '测试', 'action.edit': '编辑', 'action.duplicate': '复制一份', 'action.switch_on': '启用', 'action.switch_off': '停用', 'action.remove': '移除', 'action.delete': '删除', 'action.enable': '启用', 'action.disable': '禁用',

  'state.loading': '加载中…', 'state.failed_to_load': '加载失败。', 'state.unknown': '未知', 'state.ok': '成功', 'state.rescued': '切换后成功', 'state.failed': '失败', 'state.cancelled': '客户端离开', 'state.running': '进行中',
  'state.healthy': '正常', 'state.cooling': '冷却中', 'state.probing': '试探中', 'state.permanently_disabled': '已停用', 'state.disabled': '已停用', 'state.off': '关闭', 'state.models_cooling': '{n} 个模型冷却中',

  'kind.rate_limited': '限流', 'kind.quota': '额度用尽', 'kind.auth': '密钥被拒', 'kind.model_not_found': '没有此模型', 'kind.request_rejected': '请求被拒', 'kind.server_error': '服务器错误', 'kind.overloaded': '过载',
  'kind.bad_answer': '无效回答', 'kind.timeout': '超时', 'kind.network': '网络错误', 'kind.cancelled': '客户端离开',
  'reason.off': '关闭', 'reason.disabled': '已停用', 'reason.cooling': '冷却中', 'reason.probing': '试探中', 'reason.already_tried': '已尝试', 'reason.retry_budget': '重试过多',

  'time.ago': '{time} 前', 'time.never': '从未', 'theme.label': '主题', 'theme.system': '跟随系统', 'theme.light': '浅色', 'theme.dark': '深色',
  'link.lost': '连接已断开。', 'link.retrying': '正在重连，不会遗漏任何请求。', 'copy.done': '已复制', 'copy.by_hand': '请手动复制（Ctrl+C）：',
  'notice.outdated': '页面无法加载', 'notice.outdated_hint': '服务器已更新，或暂时无法连接。', 'notice.reload': '重新加载面板',

  'login.title': '登录', 'login.in': '登录', 'login.out': '退出', 'login.way': '方式', 'login.token': '管理令牌', 'login.password': '密码', 'login.secret': '令牌或密码', 'login.hint': "运行 'airouterd admin-url' 可得到登录链接。",
  'login.empty': '请输入令牌或密码。', 'login.wrong_token': '令牌错误。',

  'help.title': '键盘快捷键', 'help.filter': '筛选请求', 'help.rows': '下一行、上一行', 'help.open': '展开或收起', 'help.new': '新建服务商、映射或密钥',

  'chart.table': '表格', 'chart.empty': '暂无请求。', 'chart.hour': '小时', 'chart.too_few': '每小时至少 20 次回答，百分位数才有意义。', 'chart.hours': '成功 {ok}，切换后成功 {rescued}，失败 {failed}。', 'chart.speeds': '{n} 个小时的中位数在 {low} 到 {high} 毫秒之间。',

  'overview.requests': '请求数', 'overview.success': '成功率', 'overview.rescued': '故障切换挽回', 'overview.providers_up': '可用服务商', 'overview.keys': '启用的密钥', 'overview.first_output': '首次输出 p50 / p95', 'overview.tokens': '令牌数',
  'overview.too_few': '需要 {n} 次回答', 'overview.range': '时间范围', 'overview.today': '今天', 'overview.24h': '24 小时', 'overview.per_hour': '每小时请求', 'overview.speed': '首次输出时间（毫秒）', 'overview.health': '服务商状态（一格一小时）',
  'overview.share': '模型占比', 'overview.attention': '{n} 个服务商需要处理', 'overview.nobody_up': '没有可用的服务商', 'overview.strip': '24 小时：{ok} 次尝试成功，{failed} 次失败',

  'requests.time': '时间', 'requests.model': '模型', 'requests.key': '密钥', 'requests.attempts': '尝试', 'requests.first_output': '首次输出 ms', 'requests.total': '总耗时 ms', 'requests.result': '结果', 'requests.details': '详情', 'requests.pause': '暂停',
  'requests.resume': '继续', 'requests.clear': '清空视图', 'requests.count': '{n} 行', 'requests.fresh': '{n} 个新请求', 'requests.older': '更早的请求', 'requests.none': '暂无请求，开始后会显示在这里。', 'requests.none_match': '没有符合条件的请求。',
  'requests.open': '{time} {model} 的尝试', 'requests.copy_id': '复制请求号', 'requests.from': '来自 {address}', 'requests.tokens': '输入 {input}，输出 {output} 令牌', 'requests.playground': '试一试', 'requests.system': '系统',
  'filter.q': '搜索', 'filter.status': '结果', 'filter.level': '级别', 'filter.type': '类型', 'filter.provider': '服务商', 'filter.model': '模型', 'filter.key': '密钥', 'filter.any': '全部', 'filter.more': '更多筛选', 'filter.reset': '清除筛选',
  'level.info': '信息', 'level.warning': '警告', 'level.error': '错误', 'type.request': '请求', 'type.response': '响应', 'type.error': '错误', 'type.system': '系统',

  'waterfall.title': '尝试过程', 'waterfall.provider': '服务商', 'waterfall.model': '模型', 'waterfall.outcome': '结果', 'waterfall.start': '开始 ms', 'waterfall.first_output': '首次输出 ms', 'waterfall.total': '总耗时 ms', 'waterfall.effect': '对状态的影响',
  'waterfall.skipped': '未尝试：', 'waterfall.nobody': '没有尝试任何服务商。', 'waterfall.waiting': '等待回答…', 'waterfall.last_resort': '最后一试：全部都在冷却', 'waterfall.probe': '试探：看是否已恢复',
  'waterfall.answered': '{n} 次失败后由 {provider} 回答。', 'waterfall.unanswered': '无人回答，共尝试 {n} 个。', 'waterfall.running': '进行中，已失败 {n} 次。',

  'provider.add': '添加服务商', 'provider.name': '名称', 'provider.base_url': '地址', 'provider.api_key': '密钥', 'provider.api_key_hint': '不需要则留空。', 'provider.key_keeps': '留空则保留原密钥；也可用 env:NAME 或 file:PATH。',
  'provider.key_new': '密钥不会被复制，请重新输入；也可用 env:NAME 或 file:PATH。', 'provider.weight': '权重', 'provider.weight_hint': '权重加倍，请求加倍。', 'provider.timeout': '超时', 'provider.timeout_s': '超时（秒）', 'provider.timeout_hint': '留空：使用全局设置。',
  'provider.models': '模型', 'provider.models_hint': '每行一个，或用逗号分隔；* 代表任意字符。', 'provider.list_models': '获取模型列表', 'provider.more': '另有 {n} 个', 'provider.proxy': '代理', 'provider.attempts': '尝试', 'provider.tests': '{n} 次测试',
  'provider.enabled': '接受请求', 'provider.test_all': '全部测试', 'provider.tested': '测试 {n} 个，失败 {failed} 个', 'provider.test_name': '测试 {name}', 'provider.edit_name': '编辑 {name}', 'provider.duplicate_name': '复制 {name}', 'provider.switch_on_name': '启用 {name}',
  'provider.switch_off_name': '停用 {name}', 'provider.remove_name': '移除 {name}', 'provider.edit_title': '编辑 {name}', 'provider.duplicate_title': '复制 {name}', 'provider.saved': '{name} 已保存。', 'provider.is_on': '{name} 已启用。', 'provider.is_off': '{name} 已停用。',
  'provider.reset': '重置 {name}', 'provider.was_reset': '{name} 已重置。', 'provider.all_reset': '已重置所有服务商。', 'provider.remove_title': '移除 {name}？', 'provider.remove_effect': '其他服务商仍提供它的模型。立即停用，十秒后移除。',
  'provider.remove_loses': '没有其他服务商提供 {models}。立即停用，十秒后移除。', 'provider.removed': '{name} 已移除。', 'autotest.label': '每 60 秒测试', 'autotest.off_short': '仅在此标签页打开时', 'autotest.off': '仅在此标签页打开时：每分钟 {n} 个真实请求',
  'autotest.on': '每分钟发送 {n} 个真实请求', 'autotest.elsewhere': '另一个标签页已在测试。', 'demo.trip': '故障 60 秒', 'demo.trip_name': '让 {name} 故障 60 秒', 'demo.tripped': '{name} 将故障 60 秒。已发出一个请求，请在“请求”页查看。',

  'wizard.title': '添加服务商', 'wizard.paste': '粘贴', 'wizard.models': '选择模型', 'wizard.test': '测试', 'wizard.done': '完成', 'wizard.none_yet': '还没有服务商', 'wizard.invitation': '粘贴地址和密钥：自动列出模型并测试其中一个，约半分钟。',
  'wizard.paste_label': 'curl 命令、“地址 密钥”，或只有地址', 'wizard.paste_hint': '找到之前不会保存任何内容。', 'wizard.by_hand': '地址和密钥', 'wizard.found': '找到', 'wizard.key_found': '{n} 个字符的密钥', 'wizard.no_address': '其中没有地址。',
  'wizard.models_found': '找到 {n} 个模型', 'wizard.all': '全选', 'wizard.none': '全不选', 'wizard.more_models': '其他模型', 'wizard.no_model': '请至少选择或填写一个模型。', 'wizard.test_and_save': '保存并测试', 'wizard.testing': '正在测试 {model}…',
  'wizard.passed': '通过：{model}，{time} 毫秒', 'wizard.failed': '测试失败', 'wizard.not_tested': '未测试', 'wizard.ready': '完成。把这三行填入客户端：', 'wizard.saved_anyway': '仍已保存。客户端所需：', 'wizard.test_again': '再测一次', 'wizard.lines': '客户端所需',
  'wizard.any_key': '任意', 'wizard.a_key': '你的任一密钥', 'wizard.make_key': '创建密钥', 'wizard.without_list': '不用列表继续',

  'routes.new': '新名称', 'routes.none': '没有映射', 'routes.none_hint': '客户端按服务商的模型名请求。自定义名称可以代表多个模型。', 'routes.name': '客户端请求的名称', 'routes.name_hint': '修改后立即生效。', 'routes.models': '实际模型',
  'routes.models_hint': '每行一个；服务商有多个时用第一个。', 'routes.order': '模型（按顺序）', 'routes.saved': '{name} 已保存。', 'routes.deleted': '{name} 已删除。', 'routes.edit_name': '编辑 {name}', 'routes.delete_name': '删除 {name}', 'routes.who': '现在由谁回答？',
  'routes.model': '模型名称', 'routes.explain': '解释', 'routes.explain_name': '解释 {name}', 'routes.explain_hint': '不会发送任何请求。', 'routes.nobody': '没有', 'routes.unserved': '被请求但无人提供', 'routes.all_served': '所有请求过的名称都有人提供。', 'routes.map_it': '映射', 'routes.map_name': '映射 {name}',

  'key.new': '新建密钥', 'key.create': '创建', 'key.none': '还没有密钥', 'key.none_hint': '创建第一个密钥之前，本机程序无需密钥；之后所有人都需要。', 'key.summary': '{total} 个中启用 {enabled} 个', 'key.name': '名称', 'key.state': '状态', 'key.rate': '每分钟', 'key.today': '今天', 'key.all': '总计',
  'key.last_used': '最近使用', 'key.models': '模型', 'key.actions': '操作', 'key.unlimited': '不限', 'key.all_models': '全部', 'key.enabled': '启用', 'key.disabled': '禁用', 'key.expired': '已过期', 'key.rate_limit': '每分钟请求数', 'key.rate_hint': '0：不限。',
  'key.models_hint': '留空：全部模型。', 'key.expires': '有效期至', 'key.expires_hint': '留空：永久。', 'key.edit_title': '编辑 {name}', 'key.edit_name': '编辑 {name}', 'key.enable_name': '启用 {name}', 'key.disable_name': '禁用 {name}', 'key.delete_name': '删除 {name}',
  'key.is_on': '{name} 已启用。', 'key.is_off': '{name} 已禁用。', 'key.delete_title': '删除 {name}？', 'key.delete_effect': '使用者将立即被拒绝；最近使用：{last}。十秒后删除。', 'key.deleted': '{name} 已删除。', 'key.made': '{name} 已创建',
  'key.once': '密钥只显示这一次。请转交以下内容：', 'key.hand_over': '客户端所需', 'key.copy': '全部复制',

  'playground.model': '模型', 'playground.prompt': '提示词', 'playground.send': '发送', 'playground.stop': '停止', 'playground.stream': '流式', 'playground.answer': '回答', 'playground.empty': '发送后可以看到由谁回答。', 'playground.no_model': '哪个模型？',
  'playground.running': '进行中…', 'playground.done': '{time} 毫秒后完成。', 'playground.done_tokens': '{time} 毫秒后完成，{n} 个令牌。', 'playground.stopped': '已停止。',

  'settings.config': '当前配置', 'settings.retries': '重试与超时', 'settings.cooldown': '冷却（秒）', 'settings.log': '日志', 'settings.access': '访问', 'settings.server': '服务器', 'source.file': '来自配置文件', 'source.default': '默认值',
  'source.command line': '来自命令行', 'settings.after_restart': '重启后生效', 'settings.unchanged': '没有修改。', 'settings.reload': '重新加载文件', 'settings.not_reloaded': '未重新加载，继续使用当前配置。', 'settings.export': '导出', 'settings.appearance': '本面板',
  'settings.language': '语言', 'settings.about': '关于', 'settings.uptime': '已运行', 'settings.file': '配置文件', 'settings.no_file': '无',
  'setting./max_retries': '每个请求尝试的服务商数', 'setting./request_timeout': '无数据秒数', 'setting./timeouts/connect': '连接秒数', 'setting./timeouts/first_output': '首次输出秒数', 'setting./timeouts/idle': '静默秒数', 'setting./timeouts/total': '总秒数',
  'setting./stream_keepalive': '流保活（秒）', 'setting./commit_after': '流最迟开始（秒）', 'setting./rewrite_response_model': '回答中使用请求的名称', 'setting./cooldown/rate_limited': '限流', 'setting./cooldown/server_error': '服务器错误', 'setting./cooldown/timeout': '超时',
  'setting./cooldown/network_error': '网络错误', 'setting./cooldown/overloaded': '过载', 'setting./cooldown/bad_answer': '无效回答', 'setting./cooldown/honor_retry_after': '遵守 Retry-After', 'setting./exponential_backoff/base_multiplier': '每次延长倍数',
  'setting./exponential_backoff/max_multiplier': '最多延长倍数', 'setting./log/keep_days': '保留天数', 'setting./log/max_mb': '最多兆字节', 'setting./client_auth': '谁需要密钥', 'setting./allowed_origins': '允许的来源', 'setting./allowed_hosts': '允许的主机名',
  'setting./trusted_proxies': '可信代理', 'setting./public_url': '公开地址', 'setting./admin/auth': '管理访问', 'setting./admin/password_hash': '密码', 'setting./server_host': '监听地址', 'setting./server_port': '端口', 'setting./body_limit_mb': '最大请求（MiB）',
  'setting./max_connections': '最大连接数', 'setting./max_in_flight': '最大并发请求', 'setting./drain_time': '停止时等待秒数',
};
