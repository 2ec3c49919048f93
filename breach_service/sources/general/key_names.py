"""The names under which the tools of the world write the same things, in the order in which they are believed.

Names are compared by their letters and digits only: `alertName`, `alert_name`, `ALERT-NAME` and `alert.name` are one. A
name of two words also fits the word within an object of the first: `ruleName` is `{"rule": {"name": …}}`.
"""

import re
import unicodedata
from functools import lru_cache

_OTHER = re.compile(r"[^0-9a-z]+")
_ACCENTS = re.compile("[\u0300-\u036f]")
LONGEST_KEY = 200


def plain_name(key: str) -> str:
    """A key as it is compared: lower case, letters and digits only, without accents."""
    return _plain_name(key[:LONGEST_KEY])


@lru_cache(maxsize=4096)
def _plain_name(key: str) -> str:
    short = key.lower()
    if not short.isascii():
        short = _ACCENTS.sub("", unicodedata.normalize("NFKD", short))
    return _OTHER.sub("", short)


def listed(text: str) -> tuple[str, ...]:
    """The words of a text, for tables that are easier to read so."""
    return tuple(text.split())


TRANSPARENT = frozenset(
    listed(
        "publicincident privateincident alert alerts alerte alertes event events evenement data incident"
        " incidents finding findings issue issues payload attributes result results detail details"
        " objectattributes properties essentials alertcontext customdetails customproperties metadata meta fields"
        " annotations labels commonlabels commonannotations context params body content notification webhook"
        " problem violation anomaly detection detections threat message msg text record records items values extra"
        " info signal outputfields allfields eventdata object case ticket trigger input json customfields"
        " additionalinfo variables parameters tags dimensions evidence attachments entry entries document"
        " resourcedata responseelements build execution vulnerability vulnerabilities summary description"
        " alertdata alertdetails eventdetails incidentdetails"
        " alarm alarms alarme alarmes item alertgroup alertpayload lastoccurrence outage snitch series observables"
        " actors"
    )
)
"""Objects that only wrap: what stands in them stands for the whole."""

TITLES = listed(
    "title alerttitle triggeredconditiontitle streamtitle eventtitle incidenttitle findingtitle issuetitle"
    " ruletitle subject headline alertname alertrulename titre sujet objet intitule"
)
"""What is a title wherever it stands."""
HEADLINES = listed(
    "summarymessage controlname rulename jobname ruledescription signature alertrule alertsignature detectionname"
    " threatname malwarename"
    " searchname eventname conditionname policyname displayname eventdisplayname alerttext name nom libelle"
    " cause attacktype eventsummary summary resume shortdescription shortdesc problemname triggername"
    " alertmessage displaymessage eventmessage message msg text reason reasonmessage description"
    " alertdescription eventdescription alert alarm problem raison detail details output body content error"
    " errormessage errormsg failurereason statusdescription comment fulllog rawmessage checkname monitorname"
    " rule policy cve cveid vulnerabilityid detectioncriteria detectedcriteria scenario threat"
    " rulemessage pluginname componentname event eventtype alerttype type category kind"
)
"""What makes a title where nothing calls itself one, the more telling first."""
SUMMARIES = listed(
    "summary description message msg text reason details detail body content output fulllog rawmessage error"
    " errormessage failurereason shortdescription eventdescription alertdescription resume comment"
    " statusdescription remediation summarymessage"
)

SEVERITIES = listed(
    "severity severityname severitylabel severitytext alertseverity eventseverity incidentseverity"
    " ruleseverity findingseverity issueseverity kibanaalertseverity alertruleseverity severite gravite"
    " criticality criticite criticalitylevel risk risklevel threatlevel threatseverity urgency urgence"
    " urgencydisplay problemseverity errorseverity"
    " priority prio priorityname prioritylevel alertpriority incidentpriority eventpriority issuepriority"
    " rulepriority priorite level alertlevel rulelevel loglevel eventlevel severitylevel sev impact importance"
    " importancelevel niveau severityid severitycode score riskscore eventriskscore rulescore cvss cvssscore"
    " basescore"
)
STATUSES = listed(
    "alertgroupstate status alertstatus incidentstatus eventstatus issuestatus findingstatus state alertstate"
    " incidentstate"
    " problemstate problemstatus currentstate newstate newstatevalue newstatus currentstatus monitorcondition"
    " transition alerttransition notificationtype statename statusname issuefieldsstatusname buildstatus"
    " jobstatus executionstatus statusto fieldsstatusname statusstate workflowstatus statut etat"
    " incidentstatusname incidentstatuscategory componentstatus"
)
EVENTS = listed(
    "action eventaction alertaction actionname actiongroup event eventtype webhookevent eventname alerttype"
    " type eventkind trigger triggertype messagetype alertactiongroup"
    " alertactiongroupname actiongroupname alertmessagetype eventdefinitiontype"
)
"""Words that may tell the state, or something else altogether."""
ARE_RESOLVED = listed("resolved isresolved closed isclosed recovered isrecovered cleared fixed")
ARE_FIRING = listed("firing isfiring isactive isopen")
RESOLVED_TIMES = listed(
    "resolvedat closedat recoveredat resolveddatetime closeddatetime resolvedtime closedtime clearedat"
)
TESTS = listed("test istest testmode istestevent testevent testalert testnotification isdummy")

HOSTS = listed(
    "host hostname hosts hosthostname hostfqdn hostdisplayname hostcomputername targethost targethostname"
    " affectedhost affectedhosts affectedsystem affectedsystems impactedhost device devicename devicehostname"
    " devices devicefqdn computer computername computers computerhostname server servername serverhostname"
    " servers node nodename nodehostname nodes machine machinename machines vm vmname virtualmachine"
    " virtualmachinename agentname agenthostname agentcomputername assetname assethostname asset assets"
    " endpoint endpointname endpointhostname workstation workstationname instance instancename instances fqdn"
    " netbiosname dvchost dhost dsthost desthost destinationhost destinationhostname destinationname destname"
    " shost systemname systemhostname clienthostname alerthost entityname resourcename hote nomhote serveur"
    " poste machinehote sensorhostname hostsaffecteddisplayname hostsaffectedhostname relatedentitieshostname"
    " entitieshostname serverhost"
)
WEAK_HOSTS = listed(
    "payloadsource agent system entity entities resource target targetname client clientname source instanceid name"
    " contextgroup impactedentitiesname affectedentitiesname"
)
"""Names under which a machine may stand, and much else."""
ADDRESSES = listed(
    "address hostip hostipaddress hostaddress agentip deviceip deviceipaddress destip dstip destinationip"
    " destaddress destinationipaddress destinationaddress dstaddr dst targetip targetipaddress localip"
    " localaddress privateip privateipaddress internalip machineip machineipaddress assetip assetipaddress"
    " serverip serveripaddress computerip computeripaddress endpointip endpointipaddress vmip ipv4 hostipv4"
    " adresse contenttarget"
)
ANY_ADDRESSES = listed("ip ipaddress ipaddresses ips ipaddr adresseip relatedentitiesaddress entitiesaddress")
"""Addresses of which the name does not say whose they are."""
SOURCE_ADDRESSES = listed(
    "sourceaddress sourceaddresses srcip sourceip sourceips sourceipaddress srcaddress srcaddr src sourceipv4"
    " clientip clientipaddress clientaddress remoteaddr remoteip remoteaddress remoteipaddress remotehost"
    " attackerip attackeraddress attacker attackers offenderip offendersip callerip calleripaddress actorip"
    " actoripaddress originip peerip fromip fromaddress xforwardedfor intruder intruderip requesterip"
    " requestip ipsource adressesource adresseipsource senderip userip useripaddress httpclientip"
    " contentsource networkclientip networkpeeraddress"
    " sourceaddr sourcehost sourceinfoip loginip maliciousip sourcevalue"
    " requestremoteaddress addrremote accessdeviceip attackdataclientip logindetailsipaddress"
)
USERS = listed(
    "user username relatedentitiesaccountname entitiesaccountname usernames users useremail userlogin"
    " userdisplayname usersusername account accountname login loginname email emailaddress userprincipalname"
    " upn targetusername targetuser targetusers subjectusername srcuser dstuser sourceuser suser duser"
    " actorname actoremail actorlogin actoralternateid actordisplayname actor principal principalname"
    " samaccountname loggedinuser lastloggedinuser lastuser utilisateur nomutilisateur compte identifiant"
    " member employee userinfoname useridentityusername useridentityname userid authdisplayname impacteduser"
    " affecteduser affectedusers recipient recipients"
)
APPLICATIONS = listed(
    "application app appname applicationname apps service servicename services component componentname"
    " components projectname project projectslug repositoryfullname repositoryname repository repo monitorname"
    " monitor checkname check website site jobname job workload deployment pagename alertservice"
    " impactedservice affectedservice applicationdisplayname"
)
ACCOUNTS = listed(
    "accountid cloudaccountid awsaccountid account subscriptionid tenantid tenant tenantname organization"
    " resourcesubscriptionid"
    " organizationname organisation organisationname organizationid orgname org workspaceid"
)
FILES = listed("file filename filepath filefullpath filefullname targetfilename objectfilename fichier")
HASHES = listed(
    "sha256 sha1 md5 hash filehash filesha256 filehashsha256 processhashsha256 hashes filesha1 filemd5 processsha256"
)
DOMAINS = listed("domain domainname dnsquestionname dnsquery maliciousdomain destinationdomain domaine")
PROCESSES = listed("processname process processexecutable image imagename processpath")

STARTS = listed(
    "occurredat firstactivitytimeutc occurredon datestarted datestarteddate occurred occurrencetime startsat startedat"
    " starttime startdatetime starttimestamp startdate eventtime eventtimestamp eventdatetime eventdate"
    " firedat fireddatetime triggeredat triggertime triggeredtime detectedat detectiontime detecteddatetime"
    " detectedtime firstseen firstseenat firstdetected firstoccurrence firstactivitydatetime openedat openat"
    " incidentstartedat alertstartedat begin eventstart activeat debut survenu start problemstart downat"
    " checkresulttriggeredat"
)
"""Instants of the start, wherever they stand."""
TIMES = listed(
    "timestamp createdtimeutc time when datetime date createdat created createdon createdtime createddate"
    " createddatetime creationtime creationdate createtime publishedat published generatedat generatedtime"
    " reportedat eventcreated alerttime alertdate alertcreatedat ts epoch horodatage heure dateheure lastseen"
    " lastseenat lastoccurrence updatedat updated modifiedat sentat now timems timestampms eventtimems"
    " timestampiso timeofalert lastupdated lastmodified unixtime eventtimestampms"
)
ZONES = listed("timezone tz timezoneid zoneinfo fuseau fuseauhoraire")

KEYS_OF_PROBLEMS = listed(
    "fingerprint dedupkey dedupekey deduplicationkey dedupid alertfingerprint aggregationkey aggregkey"
    " alertcyclekey alertalias alias alertkey incidentkey problemkey groupingkey correlationkey correlationid"
    " alertcorrelationid alertdedupkey"
)
"""What a sender gives to find the same problem again."""
OBJECT_IDS = listed(
    "errorerrorid incidentid incidentuuid problemid findingid findinguid issueid issuekey caseid casenumber ticketid"
    " ticketkey ticketnumber incidentnumber problemuid violationid anomalyid incidentuid"
    " itemid faultid errorid"
)
"""Ids of what has a life at the sender: opened once, closed once."""
RULES = listed(
    "sensorid ruleid jobid jobname ruleuuid ruleuid rulesignatureid signatureid alertruleid rulename alertrule"
    " alertrulename eventdefinitionid monitorid checkid checkuuid policyid policyuuid conditionid searchname"
    " queryid triggerid scenario detectionruleid detectionid alertdefinitionid alarmname alertname rule"
    " policyname monitorname checkname code slug uniquekey alarmid jail siteid componentid"
)
ALERT_IDS = listed("alertid alertuuid alertuid id uuid guid uid alertnumber shortid")
NUMBERS = listed(
    "reference ref sequentialid shortid displayid tinyid ticketnumber incidentnumber alertnumber casenumber"
    " issuekey number"
)
"""What people call it at the sender, wherever it stands."""
IDS = listed(
    "key incidentid alertid findingid caseid ticketid problemid issueid issueidentifier incidentuuid"
    " alertuuid eventid id uuid uid guid"
)
LINKS = listed(
    "link url alerturl htmlurl permalink weburl incidenturl issueurl eventurl findingurl problemurl detailurl"
    " detailsurl dashboardurl generatorurl resultslink resultlink viewurl uiurl consoleurl portalurl"
    " alertresponseurl triggerurl errorurl"
    " externalurl ruleurl incidentlink alertlink eventlink shorturl shortlink href linkurl alertdetailsurl"
    " alertexternalurl reporturl monitorurl buildurl buildfullurl fullurl objectattributesurl clienturl lien"
    " targeturl checkurl browserurl linksensor linkdevice securityinvestigationtoollink"
)
SIGNALS = listed("signal")
TECHNIQUES = listed(
    "mitre mitreid mitretechnique mitretactic technique techniqueid techniques tactic tacticid tacticname"
    " techniquename attack mitreattack ruletags threattechniqueid threattacticname tags"
)
CATEGORIES = listed(
    "category categories attacktype attack verdict alerttype eventtype eventcategory alertcategory"
    " findingtype threattype threatcategory detectiontype incidenttype ruletype rulecategory type types class"
    " classification tactic tactics ruletags tags groups rulegroups problemtype issuetype eventdataset"
    " categorie kind"
)
LABELS = listed(
    "env environment environnement region cluster clustername namespace team equipe tenant site datacenter"
    " availabilityzone accountid projectid repository hostgroup location stage"
)

SECRETS = re.compile(r"token|secret|passw|pwd|authorization|apikey|credential|cookie|motdepasse|signature$|privatekey")
"""Names of what is never copied into a title, a summary or a label."""
