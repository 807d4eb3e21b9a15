/* What the tables hold that the story does not lead through (hunt_more.c). */
#include "config.h"
#include "sim/hunt_specs.h"

#include <stddef.h>

const struct hunt_spec hunt_specs[] = {
	{ "AADSpnSignInEventsBeta", 't', 100, 40,
		"Application=Backup Agent|Inventory Sync|Build Pipeline;"
		"ServicePrincipalName=Backup Agent|Inventory Sync|Build Pipeline;IsManagedIdentity=0|1|0;"
		"ErrorCode=0~0~0~7000215;ResourceDisplayName=Microsoft Graph~Azure Key Vault~Azure Storage;"
		"City=Frankfurt;" },
	{ "EntraIdSpnSignInEvents", 't', 100, 40,
		"Application=Backup Agent|Inventory Sync|Build Pipeline;"
		"ServicePrincipalName=Backup Agent|Inventory Sync|Build Pipeline;IsManagedIdentity=0|1|0;"
		"ErrorCode=0~0~0~7000215;ResourceDisplayName=Microsoft Graph~Azure Key Vault~Azure Storage;"
		"City=Frankfurt;UserAgent=python-requests/2.31;SourceSystem=Azure AD;" },
	{ "AgentsInfo", 't', 100, 4,
		"AgentName=Helpdesk Assistant|Invoice Reader|Travel Planner|Sales Coach;"
		"Platform=Copilot Studio|Copilot Studio|Azure AI Foundry|Copilot Studio;"
		"AgentDescription=Answers tickets|Reads invoices|Plans travel|Prepares calls;Version=1.{n};"
		"PublishedStatus=Published|Published|Draft|Published;LifecycleStatus=Active;"
		"Availability=Organization;Model=gpt-4o;InstanceCount=1;"
		"Permissions=[\"Mail.Read\"]|[\"Files.Read.All\"]|[]|[\"CRM.Read\"];"
		"DeclaredTools=[\"search\"]|[\"ocr\"]|[\"maps\"]|[\"crm\"];" },
	{ "AIAgentsInfo", 't', 100, 4,
		"RegistrySource=CopilotStudio;"
		"AIAgentName=Helpdesk Assistant|Invoice Reader|Travel Planner|Sales Coach;"
		"AgentDescription=Answers tickets|Reads invoices|Plans travel|Prepares calls;"
		"AgentStatus=Published|Published|Created|Published;UserAuthenticationType=Microsoft~None;"
		"AccessControlPolicy=Any~Group membership;Platform=Copilot Studio;"
		"IsGenerativeOrchestrationEnabled=1;IsBlocked=0;AIModel=gpt-4o;Version=1.{n};" },
	{ "BehaviorInfo", 'p', 20, 1,
		"Title=Impossible travel activity|Unusual file deletion|First use of an application;"
		"Description=Sign-ins from two countries within an hour|More deletions than usual|An application"
		" that nobody used before;ActionType=ImpossibleTravelActivity|MassDelete|FirstAppUse;"
		"Categories=[\"InitialAccess\"]|[\"Impact\"]|[\"Persistence\"];"
		"AttackTechniques=[\"Valid Accounts (T1078)\"]|[\"Data Destruction (T1485)\"]|[];"
		"ServiceSource=Microsoft Defender for Cloud Apps;DetectionSource=AppGovernanceDetection;"
		"DataSources=[\"Microsoft 365\"];" },
	{ "BehaviorEntities", 'p', 20, 2,
		"ActionType=ImpossibleTravelActivity|MassDelete|FirstAppUse;"
		"Categories=[\"InitialAccess\"]|[\"Impact\"]|[\"Persistence\"];"
		"ServiceSource=Microsoft Defender for Cloud Apps;DetectionSource=AppGovernanceDetection;"
		"DataSources=[\"Microsoft 365\"];EntityType=User|CloudApplication|Ip;"
		"EntityRole=Impacted|Related|Related;Application=Microsoft SharePoint Online;ApplicationId=20892;" },
	{ "CallActivityEvents", 'p', 30, 2,
		"ActivityType=CallStarted~CallEnded;CallSchedulingType=Scheduled~AdHoc;"
		"CallJoinUrl=https://teams.microsoft.com/l/meetup-join/{n};" },
	{ "CampaignInfo", 'p', 15, 1,
		"CampaignName=Invoice lure;CampaignId=invoice-lure-01;CampaignType=Phish;"
		"CampaignSubtype=Credential;" },
	{ "CloudAppEvents", 'p', 70, 3,
		"ActionType=FileDownloaded~FileUploaded~MailItemsAccessed~UserLoggedIn;"
		"Application=Microsoft SharePoint Online|Microsoft Exchange Online|Microsoft Teams;"
		"ApplicationId=20892|20893|28375;AppInstanceId=0;IsAdminOperation=0;DeviceType=Desktop;"
		"IsAnonymousProxy=0;City=Berlin;Isp=Example Net;ISP=Example Net;"
		"ActivityType=Download~Upload~Basic;ObjectName=budget.xlsx~plan.docx~;ObjectType=File;"
		"AccountType=Regular;IsExternalUser=0;IsImpersonated=0;AuditSource=Defender for Cloud Apps;"
		"RawEventData={\"Workload\":\"SharePoint\",\"UserId\":\"{u}\"}|{\"Workload\":\"Exchange\",\"UserI"
		"d\":\"{u}\"}|{\"Workload\":\"MicrosoftTeams\",\"UserId\":\"{u}\"};" },
	{ "CloudAuditEvents", 't', 100, 40,
		"DataSource=AzureResourceManager~GCP Audit Logs;ActionType=ResourceOperation;"
		"OperationName=Microsoft.Compute/virtualMachines/start/action~Microsoft.KeyVault/vaults/secrets/r"
		"ead~Microsoft.Network/networkSecurityGroups/write;"
		"ResourceId=/subscriptions/s1/resourceGroups/shop;IsAnonymousProxy=0;City=Berlin;Isp=Example Net;"
		"RawEventData={\"status\":\"Succeeded\"};" },
	{ "CloudDnsEvents", 't', 100, 40,
		"AzureResourceId=/subscriptions/s1/resourceGroups/shop/providers/Microsoft.ContainerService/manag"
		"edClusters/aks-shop;KubernetesNamespace=shop;KubernetesResource=aks-shop;"
		"KubernetesPodName=web-7d9f~worker-51ac;ContainerName=web~worker;Region=westeurope;"
		"HostName=aks-node-{n};ImageDigest=sha256:9b1c;ActionType=DnsQuery;ProcessName=node~curl;"
		"DnsEventType=Query;DnsEventSubType=Response;"
		"DnsQuery=api.example.com~registry.example.net~cdn-update.example.net;DnsQueryTypeName=A~AAAA;"
		"DnsResponseCodeName=NOERROR~NOERROR~NXDOMAIN;DnsNetworkDuration={n};" },
	{ "CloudPolicyEnforcementEvents", 't', 100, 12,
		"AzureResourceId=/subscriptions/s1/resourceGroups/shop/providers/Microsoft.ContainerService/manag"
		"edClusters/aks-shop;KubernetesNamespace=shop;KubernetesResource=aks-shop;"
		"KubernetesPodName=web-7d9f~worker-51ac;ContainerName=web~worker;Region=westeurope;"
		"HostName=aks-node-{n};ImageDigest=sha256:9b1c;DataSource=Defender for Containers;"
		"ActionType=Audit~Deny;ResourceKind=Pod;ResourceName=web-7d9f~worker-51ac;"
		"Reason=Image is not signed~Container is privileged;" },
	{ "CloudProcessEvents", 't', 100, 60,
		"AzureResourceId=/subscriptions/s1/resourceGroups/shop/providers/Microsoft.ContainerService/manag"
		"edClusters/aks-shop;KubernetesNamespace=shop;KubernetesResource=aks-shop;"
		"KubernetesPodName=web-7d9f~worker-51ac;ContainerName=web~worker;Region=westeurope;"
		"HostName=aks-node-{n};ImageDigest=sha256:9b1c;ContainerImageName=registry.example.net/web:4;"
		"ActionType=ProcessCreated;FileName=node|sh|curl;FolderPath=/usr/bin;ProcessName=node|sh|curl;"
		"ParentProcessName=containerd-shim|node|sh;"
		"ProcessCommandLine=node server.js|sh -c ls|curl -s http://api.example.com/health;"
		"ProcessCurrentWorkingDirectory=/app;AccountName=root;" },
	{ "CloudStorageAggregatedEvents", 't', 100, 20,
		"DataSource=Azure Storage;ResourceGroup=shop;StorageAccount=shopdata;"
		"StorageContainer=invoices~images;ServiceType=Blob;OperationNamesList=[\"GetBlob\",\"PutBlob\"];"
		"AuthenticationType=OAuth~SAS;CityName=Berlin;ProvinceName=Berlin;IsTorExitNode=0;"
		"IsKnownSuspiciousIp=0;"
		"AzureResourceId=/subscriptions/s1/resourceGroups/shop/providers/Microsoft.Storage/storageAccount"
		"s/shopdata;ActionType=StorageAggregatedEvent;" },
	{ "DataSecurityBehaviors", 'p', 10, 1,
		"ActionType=SharePointFileDownload~RemovableMediaCopy;Categories=[\"Exfiltration\"];"
		"ActionCategory=Data leak;Description=More files than usual were copied;"
		"ServiceSource=Microsoft Purview;DetectionSource=Insider Risk Management;Application=SharePoint;"
		"Policies=Data leaks;" },
	{ "DataSecurityEvents", 'p', 30, 2,
		"ApplicationNames=Word~Edge;IsManagedDevice=1;"
		"ActionType=FileCopiedToRemovableMedia~FilePrinted~FileUploadedToCloud;"
		"RemovableMediaManufacturer=SanDisk;RemovableMediaModel=Ultra;ObjectName=budget.xlsx~offer.docx;"
		"ObjectType=File;IsHidden=0;Operation=FileCopied~FilePrinted~FileUploaded;Workload=Endpoint;"
		"TargetFilePath=E:\\budget.xlsx~;PrinterName=~HP LaserJet;IrmActionCategory=Exfiltration;" },
	{ "DeviceBaselineComplianceAssessment", 'd', 60, 3,
		"ConfigurationId=cis-1.1.1|cis-2.3.1|cis-18.9.4;ProfileId=profile-1;IsCompliant=1~1~0;"
		"IsApplicable=1;IsExempt=0;Source=[\"registry\"];RecommendedValue=[\"24\"]|[\"1\"]|[\"0\"];"
		"CurrentValue=[\"24\"]~[\"0\"]~[\"1\"];" },
	{ "DeviceBaselineComplianceAssessmentKB", 't', 100, 3,
		"ConfigurationId=cis-1.1.1|cis-2.3.1|cis-18.9.4;"
		"ConfigurationName=Enforce password history|Limit blank passwords to the console|Disable remote"
		" assistance;"
		"ConfigurationDescription=Remember 24 passwords|A blank password works at the console alone|Nobody"
		" offers remote assistance;ConfigurationRationale=Old passwords are guessed;"
		"ConfigurationCategory=Account policies|Security options|System;BenchmarkProfileLevels=[\"L1\"];"
		"RemediationOptions=Group policy;ConfigurationBenchmark=CIS;ConfigurationBenchmarkVersion=3.0.0;"
		"Source=[\"registry\"];RecommendedValue=[\"24\"]|[\"1\"]|[\"0\"];" },
	{ "DeviceBaselineComplianceProfiles", 't', 100, 1,
		"ProfileId=profile-1;ProfileName=Windows 11 baseline;ProfileDescription=All clients;"
		"OSPlatform=[\"Windows11\"];OSVersion=11;BaseBenchmark=CIS;BenchmarkVersion=3.0.0;"
		"BenchmarkProfileLevel=L1;Status=1;CreatedBy=admin@contoso.com;LastUpdatedBy=admin@contoso.com;" },
	{ "DeviceTvmBrowserExtensions", 'd', 50, 2,
		"BrowserName=chrome|edge|chrome;ExtensionId=ext-ads|ext-pdf|ext-pass;"
		"ExtensionName=Ad Filter|PDF Tools|Password Helper;"
		"ExtensionDescription=Filters advertising|Reads PDF|Keeps passwords;ExtensionVersion=1.{n}.0;"
		"ExtensionRisk=Low|Medium|High;ExtensionVendor=Example;IsActivated=True~True~False;" },
	{ "DeviceTvmBrowserExtensionsKB", 't', 100, 3,
		"BrowserName=chrome|edge|chrome;ExtensionId=ext-ads|ext-pdf|ext-pass;"
		"ExtensionName=Ad Filter|PDF Tools|Password Helper;"
		"ExtensionDescription=Filters advertising|Reads PDF|Keeps passwords;ExtensionVersion=[\"1.0\"];"
		"ExtensionRisk=Low|Medium|High;PermissionId=webRequest|downloads|history;"
		"PermissionName=webRequest|downloads|history;"
		"PermissionDescription=Sees all requests|Starts downloads|Reads the history;"
		"PermissionRisk=High|Medium|High;IsPermissionRequired=True;" },
	{ "DeviceTvmCertificateInfo", 'd', 60, 2,
		"Thumbprint=6c0f1a{n}|b18e77{n};Path=LocalMachine\\My;SerialNumber=4f{n};"
		"IssuedTo={\"CommonName\":\"{d}\"};IssuedBy={\"CommonName\":\"Contoso CA\"};"
		"FriendlyName=Computer~Web server;SignatureAlgorithm=sha256RSA~sha1RSA;KeySize=2048~4096;"
		"ExpirationDate=2027-03-01T00:00:00Z~2025-12-01T00:00:00Z;IssueDate=2024-03-01T00:00:00Z;"
		"SubjectType=End Entity;KeyUsage=Digital Signature;ExtendedKeyUsage=Client Authentication;" },
	{ "DeviceTvmHardwareFirmware", 'd', 80, 2,
		"ComponentType=Bios|Processor;Manufacturer=Example Computers|Intel;"
		"ComponentName=System BIOS|Core i7;ComponentFamily=Laptop|Core;ComponentVersion=1.{n}.0|6;"
		"AdditionalFields={};" },
	{ "DeviceTvmInfoGathering", 'd', 90, 1,
		"AdditionalFields={\"AvEngineVersion\":\"1.1.25{n}.4\",\"AvMode\":\"0\",\"AvIsEngineUptodate\":\""
		"1\",\"CloudProtectionState\":\"1\"}~{\"AvEngineVersion\":\"1.1.24{n}.2\",\"AvMode\":\"0\",\"AvIs"
		"EngineUptodate\":\"0\",\"CloudProtectionState\":\"1\"};" },
	{ "DeviceTvmInfoGatheringKB", 't', 100, 3,
		"IgId=ig-1|ig-2|ig-3;FieldName=AvEngineVersion|AvMode|CloudProtectionState;"
		"Description=Version of the engine|How the engine runs|Whether the cloud is asked;"
		"Categories=[\"av\"];DataStructure=string|integer|integer;" },
	{ "DeviceTvmSoftwareEvidenceBeta", 'd', 70, 1,
		"SoftwareVendor=rarlab|google|microsoft;SoftwareName=winrar|chrome|edge;"
		"SoftwareVersion=6.2{n}|12{n}.0|13{n}.0;RegistryPaths=[\"HKLM\\\\SOFTWARE\\\\WinRAR\"]|[]|[];"
		"DiskPaths=[\"C:\\\\Program Files\\\\WinRAR\"]|[\"C:\\\\Program Files\\\\Google\\\\Chrome\"]|[];"
		"LastSeenTime=2026-01-10T08:00:00Z;" },
	{ "DisruptionAndResponseEvents", 'd', 10, 1,
		"ActionType=ContainedUserRemoteDesktopSessionStopped~ContainedUserLogonBlocked;"
		"TargetDomainName=contoso;DomainName=contoso;SourceUserName=svc-deploy;"
		"SourceUserDomainName=contoso;SourceDeviceName=jump-01;AuthenticationProtocol=Kerberos~NTLM;"
		"Service=RDP~SMB;LogonType=RemoteInteractive~Network;CompromisedAccountCount=1;"
		"PolicyName=Contain user;IsPolicyOn=1;ReportType=Block;Port=3389~445;" },
	{ "EmailPostDeliveryEvents", 'p', 20, 1,
		"Action=Moved to quarantine~Moved to junk;ActionType=Phish ZAP~Malware ZAP~Manual Remediation;"
		"ActionTrigger=SpecialAction~AdminAction;ActionResult=Success;"
		"DeliveryLocation=Quarantine~Junk folder;SourceLocation=Inbox;ThreatTypes=Phish~Malware;"
		"DetectionMethods={\"Phish\":[\"URL detonation\"]};"
		"SenderFromAddress=billing@invoices.example.org;EmailDirection=Inbound;"
		"InternetMessageId=<{n}@invoices.example.org>;" },
	{ "ExposureGraphNodes", 'd', 100, 1,
		"NodeId=node-{d};NodeLabel=device;NodeName={d};Categories=[\"compute\",\"device\"];"
		"NodeProperties={\"rawData\":{\"osPlatform\":\"Windows\",\"isInternetFacing\":false}};"
		"EntityIds=[{\"type\":\"DeviceInventoryId\",\"id\":\"{i}\"}];" },
	{ "ExposureGraphEdges", 'p', 80, 1,
		"EdgeLabel=can authenticate to~has role on~frequently logged in by;SourceNodeName={a};"
		"SourceNodeLabel=user;SourceNodeCategories=[\"identity\"];TargetNodeId=node-{d};"
		"TargetNodeName={d};TargetNodeLabel=device;TargetNodeCategories=[\"compute\",\"device\"];"
		"EdgeProperties={};" },
	{ "FileMaliciousContentInfo", 'p', 8, 1,
		"Workload=OneDrive~SharePoint;FileName=invoice_4711.zip~macro.xlsm;"
		"FolderPath=https://contoso-my.sharepoint.com/personal/{a};"
		"SHA256=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08;"
		"ThreatTypes=[\"Malware\"];ThreatNames=Trojan:Win64/Loadcfg.A;DetectionMethods=File detonation;" },
	{ "GraphApiAuditEvents", 'p', 50, 3,
		"IdentityProvider=AAD;ApiVersion=v1.0~beta;RequestMethod=GET~GET~GET~POST;"
		"ResponseStatusCode=200~200~200~403;"
		"Scopes=User.Read.All Directory.Read.All~Mail.Read~Device.Read.All;"
		"EntityType=user~device~message;"
		"RequestUri=https://graph.microsoft.com/v1.0/users~https://graph.microsoft.com/v1.0/me/messages~h"
		"ttps://graph.microsoft.com/v1.0/devices;RequestDuration=412345~98021~1520033;"
		"TargetWorkload=Microsoft.DirectoryServices~Microsoft.Exchange;SourceSystem=Microsoft Graph;" },
	{ "GraphAPIAuditEvents", 'p', 50, 3,
		"IdentityProvider=AAD;ApiVersion=v1.0~beta;RequestMethod=GET~GET~GET~POST;"
		"ResponseStatusCode=200~200~200~403;"
		"Scopes=User.Read.All Directory.Read.All~Mail.Read~Device.Read.All;"
		"EntityType=user~device~message;"
		"RequestUri=https://graph.microsoft.com/v1.0/users~https://graph.microsoft.com/v1.0/me/messages~h"
		"ttps://graph.microsoft.com/v1.0/devices;RequestDuration=412345~98021~1520033;"
		"TargetWorkload=Microsoft.DirectoryServices~Microsoft.Exchange;SourceSystem=Microsoft Graph;" },
	{ "IdentityAccountInfo", 'p', 100, 1,
		"IsPrimary=1;IdentityLinkType=StrongId;CriticalityLevel=3~3~1;DefenderRiskLevel=0~0~1;Type=User;"
		"JobTitle=Clerk~Engineer~Manager;City=Berlin;AccountStatus=Enabled;"
		"SourceProvider=ActiveDirectory~AzureActiveDirectory;AuthenticationMethod=Federated;"
		"EnrolledMfas=[\"Authenticator\"]~[];TenantMembershipType=Member;"
		"GroupMembership=[\"Domain Users\"];AssignedRoles=[];" },
	{ "IdentityDirectoryEvents", 'p', 40, 1,
		"ActionType=Account Password changed~Group Membership changed~Account Unlock changed;"
		"Application=Active Directory;DestinationDeviceName=dc-01.corp.contoso.com;DestinationPort=389;"
		"Protocol=Ldap;"
		"AdditionalFields={\"ACTOR.ACCOUNT\":\"{a}\",\"TO.GROUP\":\"Remote Desktop Users\"};" },
	{ "IdentityEvents", 'p', 60, 2,
		"AccountType=User;ActionType=UserLogin~UserLogin~UserMfaChallenge~PasswordReset;"
		"ActionResult=Success~Success~Failure;ActionFailureReason=~~Wrong password;"
		"Application=Okta~SailPoint;RawEventData={\"actor\":\"{u}\"};" },
	{ "IdentityQueryEvents", 'p', 40, 2,
		"ActionType=LDAP query~SAMR query~DNS query;Application=Active Directory;"
		"QueryType=AllUsers~EnumerateGroups~A;QueryTarget=Domain Admins~contoso~srv-01;"
		"Query=(objectClass=user)~~;Protocol=Ldap~Samr~Dns;DestinationDeviceName=dc-01.corp.contoso.com;"
		"DestinationPort=389~445~53;" },
	{ "MessageEvents", 'p', 70, 2,
		"SenderType=User;RecipientDetails=[{\"RecipientSmtpAddress\":\"team@contoso.com\"}];"
		"IsOwnedThread=1;GroupName=Finance~Operations;ThreadSubtype=Chat~Channel;IsExternalThread=0~0~1;"
		"MessageFormatType=RichText;MessageVersion=1;MessageSubject=~Plan;DeliveryAction=Delivered;"
		"DeliveryLocation=Teams;" },
	{ "MessageContents", 'p', 20, 1,
		"ThreadName=Finance~Operations;MessageSnippet=please look at this~see you at ten;"
		"ThreadType=Chat~Channel;" },
	{ "MessagePostDeliveryEvents", 'p', 6, 1,
		"Action=Moved to quarantine;ActionType=Phish ZAP;ActionTrigger=SpecialAction;"
		"ActionResult=Success;ThreatTypes=Phish;ConfidenceLevel={\"Phish\":\"High\"};"
		"DetectionMethods={\"Phish\":[\"URL malicious reputation\"]};LatestDeliveryLocation=Quarantine;"
		"IsExternalThread=1;" },
	{ "MessageUrlInfo", 'p', 20, 1,
		"Url=https://invoices.example.org/4711|https://intranet.contoso.com/plan;"
		"UrlDomain=invoices.example.org|intranet.contoso.com;ThreatTypes=Phish|;" },
	{ "OAuthAppInfo", 't', 100, 4,
		"AppName=Calendar Sync|Mail Merge|Backup Agent|Unknown Reader;"
		"AppStatus=Enabled|Enabled|Enabled|Disabled;"
		"VerifiedPublisher={\"displayName\":\"Example\"}|{}|{\"displayName\":\"Example\"}|{};"
		"PrivilegeLevel=Low|Medium|High|High;"
		"Permissions=[\"Calendars.Read\"]|[\"Mail.Send\"]|[\"Files.ReadWrite.All\"]|[\"Mail.ReadWrite\","
		"\"Files.Read.All\"];ConsentedUsersCount=40|12|0|3;IsAdminConsented=0|0|1|0;"
		"AppOrigin=External|External|Internal|External;RiskScore=10|35|40|90;AssignedRoles=[];" },
	{ "UrlClickEvents", 'p', 60, 2,
		"Url=https://invoices.example.org/4711|https://intranet.contoso.com/plan|https://www.example.com/"
		"news;ActionType=ClickBlocked|ClickAllowed|ClickAllowed;Workload=Email|Teams|Office;"
		"ThreatTypes=Phish||;DetectionMethods={\"Phish\":[\"URL malicious reputation\"]}||;"
		"IsClickedThrough=0;"
		"UrlChain=[\"https://invoices.example.org/4711\"]|[\"https://intranet.contoso.com/plan\"]|[\"http"
		"s://www.example.com/news\"];AppName=Outlook|Teams|Word;AppVersion=16.0;"
		"SourceSystem=Microsoft Defender;" },
	{ .table = NULL },
};
