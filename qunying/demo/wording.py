"""The brand's own words: fillers (one field a line) and templates (one a line under their topic)."""

from __future__ import annotations

from typing import Final

FILLERS: Final = """
rock: 肉桂 水仙 大红袍 奇兰 老枞水仙 牛肉 瑞香 铁罗汉 白鸡冠 水金龟 半天妖 北斗
puer: 熟普 生普 老班章 冰岛 小青柑 易武 昔归 老茶头 陈皮熟普
white: 白毫银针 白牡丹 寿眉 老白茶 贡眉 牡丹王
steep: 三 四 五 六 七 八 九
gram: 3 4 5 6 7 8
sec: 5 8 10 12 15 20
years: 2 3 5 6 8 10
few: 1 2 3
team: 3 5 8 10
hour: 五 六 七 八 九 十
weekday: 三 四 五 六 日
tea: 肉桂 水仙 大红袍 奇兰 老枞水仙 瑞香 铁罗汉 白鸡冠 正岩小品种 熟普 生普 老班章 冰岛 小青柑
tea: 白毫银针 白牡丹 寿眉 老白茶 龙井 碧螺春 金骏眉 正山小种 凤凰单丛 鸭屎香 铁观音 茉莉花茶 六堡茶
product: 山茶·初见礼盒 山茶·岩语 山茶随行杯 山茶冷泡瓶 山茶·云上白 山茶日饮小罐 山茶·暖冬熟普
product: 山茶会员茶样包 山茶手作茶点 山茶·四时茶历
ware: 盖碗 紫砂壶 公道杯 建盏 玻璃壶 银壶 陶炉 铁壶 快客杯 飘逸杯 茶刀 品茗杯
taste: 香气很高 回甘特别快 汤感厚 有点苦底 花香明显 岩骨花香都有了 很顺滑 稍微有点水味 枣香出来了
taste: 药香很足 果香清爽 第三泡最好喝 尾水还是甜的 焙火有点重 喝完身上暖暖的
when: 今天 昨晚 早上 刚刚 下午 周末 中午 饭后 加班的时候 下班路上 睡前 这两天
place: 办公室 家里阳台 茶台前 书房 车里 公园 爸妈家 民宿 咖啡馆旁边 工位上 湖边 院子里
city: 杭州 上海 福州 成都 武汉 广州 北京 苏州 厦门 长沙 西安 昆明 宁波
weather: 下雨了 起风了 太阳很好 起雾了 风好大 终于放晴 有点凉 云很多 出彩虹了 天真蓝
mood: 开心 舒服 治愈 有点困 很满足 心静下来了 元气满满 慢下来了 好惬意 犯懒
num: 3 4 5 6 7 8 10 12 15 20 30 45
temp: 85 90 92 95 98 100
who: 小编 店长 群主 老师 客服 掌柜 管家
with: 同事 爱人 老朋友 爸爸 婆婆 邻居 孩子 客户 室友 闺蜜
food: 桂花糕 花生酥 绿豆糕 凤梨酥 瓜子 核桃 曲奇 红薯干 蛋黄酥 柿饼
code: A B C
"""

TAILS: Final = ("", "", "", "～", "！", "哈哈", "😄", "🍵", "呀", "哦", "啦", "👍", "。", "🌿", "嘿嘿", "…")

TEMPLATES: Final = """
# short
收到{tail}
1
好的{tail}
👍
🍵
嗯嗯
哈哈哈
谢谢{tail}
+1
来了
在的
😂😂
🌹
ok
支持{tail}
打卡
# rock
{when}泡的{rock}，{taste}{tail}
{rock}第{steep}泡还有香{tail}
同一款{rock}，炭焙和电焙差别真大
喝了{years}年茶，还是最爱{rock}{tail}
{rock}配{food}，{mood}{tail}
这批{rock}{taste}，比去年的好
我更喜欢轻焙火的{rock}，{taste}
肉桂和水仙对冲了一下，前者{taste}，后者{taste}
# puer
存了{years}年的{puer}，撬了一点，{taste}
{when}煮了一壶{puer}，{taste}{tail}
{puer}真的要放，越放越顺{tail}
陈皮加{puer}，{place}都是香的
{city}潮，{puer}存在{place}还行
熟茶胃舒服，{when}来一泡{puer}{tail}
# white
{when}喝{white}，{taste}{tail}
{white}煮的比泡的好喝，{taste}
{weather}，煮点{white}{tail}
{white}三年以后才好玩，{taste}
一年茶三年药，{white}先存着{tail}
# brew
{tea}我用{temp}度，{sec}秒出汤，{taste}
{ware}投{gram}克，水温{temp}，不坐杯{tail}
沸水快出，前{few}泡都不苦{tail}
盖碗泡{tea}比{ware}香一点
水很关键，换了矿泉水{taste}
{when}试了冷泡{tea}，放{gram}小时，{taste}
# ware
新入的{ware}，{mood}{tail}
{ware}养了{num}个月，有光泽了{tail}
{place}摆了个{ware}，{with}来了都说好看
{ware}不小心磕了一下，心疼{tail}
出差带{ware}最方便，{place}也能泡{tea}
# weather
{city}{weather}，适合喝{tea}{tail}
{weather}，{place}坐着{mood}{tail}
{city}这边{weather}，大家那边呢
{weather}，多喝热茶{tail}
{when}{city}{weather}，{mood}
# hello
早安{tail}
大家早{tail}
早，{city}{weather}
早上好，今天第一泡{tea}{tail}
早安，又是{mood}的一天
早呀，{tea}泡上了{tail}
# night
晚安各位{tail}
晚安，{mood}的一天{tail}
睡前不喝浓茶，一杯{white}就够了{tail}
今天就到这儿，大家早点休息{tail}
# checkin
打卡第{num}天，{tea}，{taste}{tail}
打卡：{when}在{place}喝{tea}，{mood}
第{num}次打卡，{ware}泡{tea}{tail}
打卡✅ {tea} {gram}克 {temp}度 {taste}
今日打卡，读书{num}页，喝茶{few}杯{tail}
打卡，{with}陪我喝的{tea}{tail}
# life
{when}和{with}喝了会儿茶，{mood}{tail}
{place}喝茶看书，{mood}{tail}
配了点{food}，{mood}{tail}
{with}送了我一罐{tea}{tail}
{when}去{city}逛了茶城，人不多
忙了{few}个小时，泡杯{tea}缓一缓{tail}
{food}真香，{with}都抢着吃
{mood}，{when}在{place}待了{num}分钟
有在{city}的茶友可以约一下{tail}
{when}一个人在{place}泡了{tea}，{weather}，翻了{num}页书，手机调了静音，{mood}，这样的日子多来几天就好了{tail}
和{with}从{city}回来，一路都在聊茶，到家先烧水，{tea}一泡下去，{taste}，什么累都没有了{tail}
# product
{product}收到了，{taste}{tail}
{product}包装好看，准备送{with}{tail}
回购{product}第{few}次了{tail}
{product}里那款{tea}，{taste}
山茶这次的{tea}，{taste}{tail}
把{product}放{place}了，{with}都在问
{with}也喜欢山茶的{tea}{tail}
# promo
{product}满减券抢到了{tail}
{team}人团差{few}个，有一起的吗
凑单{few}件刚好，{product}加{food}
上次的券还能叠加，划算{tail}
等{product}做活动再囤{tail}
拼{product}，还差{few}位{tail}
# parcel
快递到{city}了，明天能收{tail}
{product}{when}到的，包装完好{tail}
顺利签收，{product}没有磕碰{tail}
发货好快，{num}小时就出库了{tail}
# grumble
快递有点慢，等了{few}天{tail}
{product}的盒子压扁了，茶没事
{tea}这次碎末多了点
券又忘了用，过期了{tail}
# ask
{tea}用多少度的水合适？
{tea}一次投几克？
{product}还有货吗？
{product}什么时候发货？
{ware}怎么开壶？
{rock}和{white}哪个更适合新手？
请问{product}可以用券吗？
@{who} 我的快递到{city}了怎么没动？
{tea}开封后放{place}可以吗？
孕期能喝{tea}吗？
这个{num}号的活动怎么报名？
{who}在吗，想改一下收货地址可以吗？
{tea}冷泡要放多久？
{city}门店几点关门？
有没有{gram}克的小包装？
积分怎么兑换{product}？
送{with}选{tea}还是{product}好？
前几天在{city}出差，{with}泡了一壶{tea}，{taste}，回来一直惦记着，请问群里哪款最接近？
刚开始喝茶，{tea}总是泡得又苦又涩，是水温高了还是投茶多了，有没有茶友指点一下？
# answer_tea
新手建议先试{tea}，{taste}
可以从{rock}开始，{gram}克、{temp}度，前{few}泡快出水
{product}里有几款小样，先都尝一遍再定
# answer_heat
{tea}建议{temp}度，{sec}秒出汤～
看茶，老一点用沸水，嫩一点{temp}度就好
# answer_dose
一般{gram}克配盖碗，喜欢浓一点可以多投一克
先投{gram}克试试，{sec}秒出汤
# answer_keep
开封后密封避光，放阴凉处就好，别挨着有味道的东西
可以的，记得封口，{few}个月内喝完更好
# answer_pot
先沸水煮{num}分钟再晾干，第一次用就够了
用茶汤养一养，{few}遍就好
# answer_cold
冷泡放冰箱{gram}小时，{taste}
{gram}小时左右，过夜容易涩
# answer_care
特殊时期建议先问过医生，平时淡一点、少量喝
# answer_gift
送人选{product}稳妥，包装也好看
看对方口味，常喝茶的选{tea}，不常喝的选{product}
# answer_parcel
您好，已帮您查到，预计{num}小时内更新物流
您把订单尾号{digits}私信我，马上处理
今天下单明天发，一般{few}天到{city}
地址可以改，订单尾号{digits}发我就行
# answer_shop
可以的，下单时选优惠券就行
有的，{product}还有货，链接放群里了
小包装有{gram}克的，链接放群里了
积分商城里直接兑换，{num}天内寄出
# answer_store
门店晚上{hour}点前都在，欢迎来喝茶
{city}店周末到晚上{hour}点，平日早半小时
# answer_event
报名点群公告里的表单即可，名额还有{num}个
在群公告里登记就可以，周{weekday}截止
# intro
大家好，{city}的新人，爱喝{tea}{tail}
新人报到{tail}
刚进群，请多关照{tail}
{city}茶友报到，平时喝{tea}多
大家好，被{with}拉进来学喝茶{tail}
报到！喝茶{years}年，喜欢{tea}
# post
【早安茶】{city}{weather}，今天推荐{tea}，{temp}度水，{sec}秒出汤。
【一分钟茶知识】{tea}为什么{taste}？答案在焙火和采摘时间里。
【今日茶单】上午{white}，下午{rock}，晚上{puer}，记得少量多次。
【茶友故事】有位茶友{when}在{place}泡{tea}，说{mood}。
【器具小课】{ware}第一次用，先沸水煮{num}分钟再晾干。
【新品预告】{product}本周上新，群里先尝，{num}位茶样官招募中。
【门店消息】{city}店周末有品茶会，{num}席，先到先得。
# deal
【会员专享】{product}满{num}00减{num}，今晚截止。
【限时】{product}第二件半价，仅限本群{num}小时。
【福利】{product}赠{food}一份，送完为止。
# item
【本周话题】你今天喝的第一泡是什么茶？
【每周茶话】{rock}和{puer}，如果只能留一款，你选哪个？
【本周话题】你家的{ware}是怎么来的？说说它的故事吧？
【茶话会】{weather}的日子，你最想喝什么？
【本周话题】你第一次喝{tea}是什么感受？
【猜一猜】这泡{tea}投了几克？猜中送茶样？
# poll
【投票】下周品鉴选哪款：A {rock} B {puer} C {white}？
【投票】{product}你更喜欢哪个包装？
【投票】直播放在周{weekday}晚上还是周末下午？
# choice
我选{tea}{tail}
当然是{tea}，{taste}
{code}{tail}
{tea}吧，{when}刚喝过
我投{code}，{taste}
第一泡永远是{tea}{tail}
{with}送的{ware}，用了{years}年
我猜{gram}克{tail}
{weather}就喝{tea}{tail}
# linked
这篇讲{tea}的，写得清楚 https://shancha.example/read/{digits}
{product}的链接 https://shancha.example/p/{digits}
{city}茶会的照片 https://shancha.example/album/{digits}
# welcome
欢迎新茶友，先看群公告，有问题随时问～
欢迎加入山茶，回复“报到”领新人茶样。
新朋友好，群规和新人礼都在公告里。
# notice
【群公告】本周{city}店品茶会报名开始，{num}席。
【群公告】请文明交流，广告和刷屏会被移出群。
【群公告】{product}发货时间调整，{num}日后陆续寄出。
# complaint
{product}喝出异味了，要求退款！
客服一直不回，太失望了
{tea}发霉了！！怎么解释？
说好{num}天发货，现在还没动静，投诉了
假货吧，和以前完全不一样
退款申请{num}天没人处理，太差了
质量问题还不承认，垃圾
我也是，喝完肚子不舒服，要个说法
别装死，出来回应{product}的问题
再不退款我就去12315投诉
包装破损茶都洒了，差评
订单尾号{digits}，退货退款，谁负责？
{num}个人都遇到了，还说是个例？
虚假宣传，坑人
# ad
免费领{tea}茶样，加V信shan{digits}，名额只剩{num}个！！速来
日结兼职，手机就能做，加V信job{digits}，一天{num}00元！！
内部渠道{tea}一折清仓，扫码进群{digits}，只限今天！！
"""
